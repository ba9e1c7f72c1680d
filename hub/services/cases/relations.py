"""Related cases 关联: a rumor and the merchant who profits from it belong together.

Each keeps its reports and its history; a decision on either can order measures for both.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from hub.problems import conflict, invalid, not_found, required
from hub.services.audit import audit_log
from models import Case, CaseRelation, User


def relate(session: Session, user: User, case: Case, other_id: int, reason: str) -> Case:
    """Relate a rumor's case and a merchant's; returns the other one.

    The case is locked by the caller. Raises Problem 404, or 422 for two cases of one kind
    (those are merged) and for no reason.
    """
    other = session.get(Case, other_id)
    if other is None:
        raise not_found("没有要关联的案件。")
    if other.kind == case.kind:
        said = "关联的须是一个谣言案件与一个违法案件；同类案件请并案。"
        raise invalid("into", said, "另一类案件的编号")
    reason = required("reason", reason, "请写明关联的理由。", most=2000)
    rumor, merchant = (case, other) if case.kind == "rumor" else (other, case)
    values = {"reason": reason, "by_id": user.id, "ended_at": None}
    statement = pg_insert(CaseRelation).values(
        rumor_id=rumor.id, violation_id=merchant.id, **values
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["rumor_id", "violation_id"], set_={**values, "related_at": func.now()}
        )
    )
    case.version += 1
    for each, into in ((case, other), (other, case)):
        audit_log.note(session, user.username, "relate", each.id, into=into.id, why=reason[:500])
    return other


def unrelate(session: Session, user: User, case: Case, other_id: int) -> None:
    """Remove the relation. Raises Problem 409 when they are not related."""
    for relation in _of(session, case):
        if other_id in (relation.rumor_id, relation.violation_id):
            relation.ended_at = func.now()
            case.version += 1
            for each, out_of in ((case.id, other_id), (other_id, case.id)):
                audit_log.note(session, user.username, "unrelate", each, out_of=out_of)
            return
    raise conflict("这两个案件没有关联。")


def _of(session: Session, case: Case) -> list[CaseRelation]:
    query = select(CaseRelation).where(
        or_(CaseRelation.rumor_id == case.id, CaseRelation.violation_id == case.id),
        CaseRelation.ended_at.is_(None),
    )
    return list(session.scalars(query.order_by(CaseRelation.id)))


def related(session: Session, case: Case) -> list[tuple[Case, str]]:
    """The related cases, oldest relation first, each with the reason given."""
    found = []
    for relation in _of(session, case):
        other = relation.violation_id if relation.rumor_id == case.id else relation.rumor_id
        found.append((session.get_one(Case, other), relation.reason))
    return found


def counterpart(session: Session, case: Case) -> Case | None:
    """The case whose rumor or merchant an order of this one may name: the first related."""
    return next((other for other, _ in related(session, case)), None)


def kinds(session: Session, case: Case) -> list[str]:
    """The kinds of measures a decision on the case may order."""
    return ["rumor", "violation"] if counterpart(session, case) else [case.kind]
