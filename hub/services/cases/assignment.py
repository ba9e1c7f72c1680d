"""Who has a case in hand 承办: take, give back, hand over, park.

Taking a case reserves it for MINUTES; each time its owner views it, that time starts again, so
that an absent officer blocks nobody. A case on file 立案 has no such limit: its owner keeps it
until it is handed over.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import conflict, invalid, required
from hub.services.audit import audit_log
from hub.services.cases import permitted
from hub.services.office import clocks
from models import Case, Clock, User
from models.states import CaseState

MINUTES = 60
HOLDERS = permitted.TRIAGE
_TIME = text(f"interval '{MINUTES} minutes'")


def free() -> ColumnElement[bool]:
    """The case has no owner, or the owner's time has run out."""
    return or_(Case.owner_id.is_(None), Case.owner_until < func.now())


def take(session: Session, user: User, case_id: int, version: int) -> Case:
    """Make the officer the owner of the case 领取; a parked case returns to the queue.

    Raises Problem 404, or 409 when another has it.
    """
    case = permitted.locked(session, user, case_id, version, "take")
    _give(session, case, user)
    case.parked_until = case.parked_because = None
    if case.state == CaseState.OPEN:
        case.state = CaseState.INVESTIGATING
    audit_log.note(session, user.username, "take", case.id)
    return case


def take_next(session: Session, user: User, candidates: Select[Case, Any]) -> Case:
    """The first of `candidates` that no other officer is taking at this moment, taken.

    Raises Problem 409 when there is none.
    """
    row = session.execute(
        candidates.limit(1).with_for_update(of=Case, skip_locked=True, **CHANGING)
    ).first()
    if row is None:
        raise conflict("没有可领取的案件：要么已办完，要么都有人承办。")
    return take(session, user, row[0].id, row[0].version)


def release(session: Session, user: User, case_id: int, version: int) -> Case:
    """The officer gives the case back 交还. Raises Problem 404, or 409 when it is another's."""
    case = permitted.locked(session, user, case_id, version, "release")
    case.owner_id, case.owner_until = None, None
    case.version += 1
    audit_log.note(session, user.username, "release", case.id)
    return case


def hand_over(session: Session, user: User, case_id: int, version: int, to: str) -> Case:
    """Give the case to a colleague 移交, by username. An approver may do so with any case, a
    clerk or handler with one that no other has. Raises Problem 404, 409, 422."""
    case = permitted.locked(session, user, case_id, version, "hand_over")
    colleague = session.scalar(
        select(User).where(User.username == to, User.active, User.role.in_(HOLDERS))
    )
    if colleague is None or colleague.id == case.owner_id:
        raise invalid("to", "请选择要移交给哪位受理员或办案员。")
    _give(session, case, colleague)
    if case.state == CaseState.OPEN:
        case.state = CaseState.INVESTIGATING
    audit_log.note(session, user.username, "hand_over", case.id, to=colleague.name)
    return case


def park(
    session: Session, user: User, case_id: int, version: int, until: date, reason: str
) -> Case:
    """Take the case out of the queue until a day 暂缓; it comes back by itself. Never beyond a
    statutory deadline. Raises Problem 404, 409, 422."""
    case = permitted.locked(session, user, case_id, version, "park")
    because = required("reason", reason, "请写明暂缓的理由。")
    if until <= clocks.today(session):
        raise invalid("until", "暂缓日期应晚于今天。")
    due = clocks.nearest(session, [case.id]).get(case.id)
    if due and until > due.clock.due_on:
        raise invalid("until", f"“{due.rule.label}”期限为 {due.clock.due_on}，不能暂缓到此日之后。")
    case.parked_until, case.parked_because = until, because[:2000]
    case.owner_id, case.owner_until = None, None
    case.version += 1
    audit_log.note(
        session, user.username, "park", case.id, until=until.isoformat(), reason=because[:500]
    )
    return case


def unpark(session: Session, user: User, case_id: int, version: int) -> Case:
    """Back into the queue before its day. Raises Problem 404, or 409 when it is not parked."""
    case = permitted.locked(session, user, case_id, version, "unpark")
    case.parked_until = case.parked_because = None
    case.version += 1
    audit_log.note(session, user.username, "unpark", case.id)
    return case


def renew(session: Session, user_id: int, case_id: int) -> None:
    """Restart the owner's time when the owner views the case; at most once in five minutes, and
    only while it has not run out."""
    session.execute(
        update(Case)
        .where(
            Case.id == case_id,
            Case.owner_id == user_id,
            Case.owner_until.between(func.now(), func.now() + _TIME - text("interval '5 minutes'")),
        )
        .values(owner_until=func.now() + _TIME)
        .execution_options(synchronize_session=False)
    )


def keep(case: Case) -> None:
    """Lift the time limit of a case that was put on file: its owner keeps it."""
    case.owner_until = None


def colleagues(session: Session) -> list[tuple[str, str]]:
    """(username, name) of everybody who may own a case."""
    query = select(User.username, User.name).where(User.active, User.role.in_(HOLDERS))
    return [(username, name) for username, name in session.execute(query.order_by(User.name))]


def _give(session: Session, case: Case, to: User) -> None:
    filed = select(
        exists().where(Clock.case_id == case.id, Clock.rule == "decide", Clock.ended_at.is_(None))
    )
    case.owner_id, case.version = to.id, case.version + 1
    case.owner_until = None if session.scalar(filed) else func.now() + _TIME
