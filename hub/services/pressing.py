"""Cases that a statutory term presses 期限紧迫: one that is near, or past, raises the priority.

Set once a minute from the clocks as they stand, some cases at a time, so that nothing that starts,
ends, stops or lengthens a clock needs to think of it, and nothing is missed.
"""

from __future__ import annotations

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.database import CHANGING
from hub.services import clocks, grouping, workdays
from models import Case, Clock

STEP = 100  # cases of one transaction


def step(session: Session) -> bool:
    """Set right up to STEP cases whose term came near, passed, or presses no more; False when
    all are right."""
    wrong = _wrong(session)
    query = select(Case).where(Case.id.in_(wrong)).order_by(Case.id)
    for case in session.scalars(query.with_for_update(of=Case, **CHANGING)):
        case.pressing = wrong[case.id]
        grouping.rank(case)
    session.flush()
    return bool(wrong)


def _wrong(session: Session) -> dict[int, str | None]:
    """Cases, by id, that should say something else, and what."""
    day = clocks.today(session)
    near = (
        Clock.ended_at.is_(None),
        Clock.stopped_on.is_(None),
        Clock.due_on <= workdays.add(day, clocks.SOON),
    )
    said = sql_case((func.min(Clock.due_on) < day, "overdue"), else_="soon").label("said")
    pressed = select(Clock.case_id, said).where(*near).group_by(Clock.case_id).subquery()
    found: dict[int, str | None] = {
        case_id: what
        for case_id, what in session.execute(
            select(Case.id, pressed.c.said)
            .join(pressed, pressed.c.case_id == Case.id)
            .where(Case.pressing.is_distinct_from(pressed.c.said))
            .order_by(Case.id)
            .limit(STEP)
        )
    }
    still = select(Clock.id).where(Clock.case_id == Case.id, *near).exists()
    over = select(Case.id).where(Case.pressing.is_not(None), ~still).order_by(Case.id).limit(STEP)
    return found | dict.fromkeys(session.scalars(over))
