"""Suggestions that two claims may be one: proposed by the machine, settled by a person."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from hub import locks
from hub.database import changed
from hub.locks import Lock
from hub.problems import conflict, not_found
from hub.services.audit import audit_log
from hub.services.cases import permitted
from models import Case, Link, User, Wording
from models.states import LinkStatus


def refuse(session: Session, user: User, case_id: int, version: int, other_id: int) -> int:
    """Not the same claim 不是同一传言: the machine does not suggest these two again.

    Links of wordings between the two claims, both ways, are kept as dismissed by this person.
    Returns how many there were. Raises Problem 404 for an unknown case, 409 when the case has
    changed or nothing is suggested between the two.
    """
    locks.hold(session, Lock.CLAIMS)
    case = permitted.locked(session, user, case_id, version, "apart")
    other = session.get(Case, other_id)
    if other is None:
        raise not_found("没有另一案件。")
    here = select(Wording.id).where(Wording.claim_id == case.claim_id)
    there = select(Wording.id).where(Wording.claim_id == other.claim_id)
    between = or_(
        and_(Link.wording_id.in_(here), Link.claim_id == other.claim_id),
        and_(Link.wording_id.in_(there), Link.claim_id == case.claim_id),
    )
    statement = (
        update(Link)
        .where(Link.status == LinkStatus.suggested, between)
        .values(status=LinkStatus.dismissed, by_user_id=user.id, created_at=func.now())
    )
    n = changed(session, statement)
    if n == 0:
        raise conflict("两案之间没有待确认的提示。")
    case.version += 1
    audit_log.note(session, user.username, "refuse_suggestion", case.id, other=other.id)
    return n
