"""Cases that a statutory term presses 期限紧迫: one that is near, or past, raises the priority.

Set once a minute from the clocks as they stand, some cases at a time, so that nothing that starts,
ends, stops or lengthens a clock needs to think of it, and nothing is missed.
"""

from __future__ import annotations

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.services.cases import counts
from hub.services.office import clocks, workdays
from models import Case, Clock

STEP = 100  # cases of one transaction


def step(session: Session) -> bool:
    """Set right up to STEP cases whose term came near, passed, or presses no more; False when
    all are right."""
    wrong = _wrong(session)
    query = select(Case).where(Case.id.in_(wrong)).order_by(Case.id)
    for case in session.scalars(query.with_for_update(of=Case, **CHANGING)):
        case.pressing = wrong[case.id]
        counts.rank(case)
    session.flush()
    return bool(wrong)


def _wrong(session: Session) -> dict[int, str | None]:
    """Cases, by id, that should say something else, and what; one that says too much says nothing
    at first, and what it should in the next step."""
    day = clocks.today(session)
    running = (Clock.ended_at.is_(None), Clock.stopped_on.is_(None))
    near = Clock.due_on <= workdays.add(day, clocks.SOON)
    # Whether a case says it already is read from ix_case_pressing alone.
    said = Case.id == Clock.case_id, Case.pressing.is_not(None)
    enough = or_(Case.pressing == "overdue", Clock.due_on >= day)
    rising = session.execute(
        select(Clock.case_id, func.min(Clock.due_on) < day)
        .where(*running, near, ~exists().where(*said, enough).correlate(Clock))
        .group_by(Clock.case_id)
        .limit(STEP)
    )
    holds = or_(and_(Case.pressing == "soon", near), Clock.due_on < day)
    over = (
        select(Case.id)
        .where(Case.pressing.is_not(None))
        .where(~exists().where(Clock.case_id == Case.id, *running, holds).correlate(Case))
        .limit(STEP)
    )
    found: dict[int, str | None] = dict.fromkeys(session.scalars(over))
    return found | {case_id: "overdue" if past else "soon" for case_id, past in rising}
