"""Deadline pressure 期限紧迫: a statutory term that is near or past raises a case's priority.

Recomputed from the clocks once a minute, some cases at a time, so that nothing that starts, ends,
stops or extends a clock has to keep it up to date.
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
    """Update up to STEP cases whose pressure has changed; False when all are up to date."""
    wrong = _outdated(session)
    query = select(Case).where(Case.id.in_(wrong)).order_by(Case.id)
    for case in session.scalars(query.with_for_update(of=Case, **CHANGING)):
        case.pressing = wrong[case.id]
        counts.rank(case)
    session.flush()
    return bool(wrong)


def _outdated(session: Session) -> dict[int, str | None]:
    """Cases, by id, whose stored pressure is out of date, with the current value. One whose
    pressure has fallen is cleared first and gets its value in the next step."""
    day = clocks.today(session)
    running = (Clock.ended_at.is_(None), Clock.stopped_on.is_(None))
    near = Clock.due_on <= workdays.add(day, clocks.SOON)
    # The stored pressure is read from ix_case_pressing alone.
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
