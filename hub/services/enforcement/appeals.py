"""Appeals 申诉: a person stays, upholds, or has the decision changed or overturned by two.

A stay revokes the penalty for the time being; upholding after a stay issues it again as a new
version. So platforms need nothing beyond orders and revocations, of which the last one counts.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import Lock
from hub.problems import not_found, required
from hub.services.audit import audit_log
from hub.services.cases import permitted
from hub.services.cases.lock import locked_case
from hub.services.enforcement import issuing
from hub.services.merchants import deny_list
from hub.services.platforms import outbox
from models import Appeal, Case, Decision, Order, User
from models.states import IN_FORCE, UNSETTLED, AppealState, CaseState, DecisionState, Effect


def stay(
    session: Session, user: User, case_id: int, version: int, appeal_id: int, reason: str
) -> Appeal:
    """Hold the penalty while the appeal is heard 中止执行: every platform takes it back.

    Raises Problem 403 for whoever proposed it, 404, 409 or 422.
    """
    reason = required("reason", reason, "请写明理由。")
    case, appeal, order = _open_appeal(session, user, case_id, version, appeal_id, "stay")
    decision = order.decision
    decision.state, case.state = DecisionState.STAYED, CaseState.STAYED
    appeal.state, appeal.stayed_at, appeal.stayed_by_id = AppealState.STAYED, func.now(), user.id
    case.version += 1
    session.flush()
    issuing.revoke_all(session, decision, "stayed", reason)
    _tell(session, appeal, order, "stayed", reason)
    deny_list.end(session, decision, "申诉期间中止执行")
    audit_log.note(
        session, user.username, "stay", case.id, appeal=appeal.external_id, reason=reason
    )
    return appeal


def uphold(
    session: Session, user: User, case_id: int, version: int, appeal_id: int, reason: str
) -> Appeal:
    """Uphold the decision 维持. What was stayed is ordered again, as a version with the same text.

    Raises Problem 403 for whoever proposed the decision, 404, 409 or 422.
    """
    reason = required("reason", reason, "请写明理由。")
    locks.hold(session, Lock.FAN_OUT, shared=True)
    case, appeal, order = _open_appeal(session, user, case_id, version, appeal_id, "uphold")
    decision = order.decision
    appeal.outcome_id = decision.id if decision.state in IN_FORCE else None
    case.version += 1
    if decision.state == DecisionState.STAYED:
        _order_again(session, user, case, decision, appeal)
    _close(session, user, appeal, order, AppealState.UPHELD, reason)
    audit_log.note(
        session, user.username, "uphold", case.id, appeal=appeal.external_id, reason=reason
    )
    return appeal


def _order_again(session: Session, user: User, case: Case, old: Decision, appeal: Appeal) -> None:
    other = select(Appeal.id).join(Order, Order.id == Appeal.order_id)
    waiting = other.where(
        Order.decision_id == old.id, Appeal.state == AppealState.STAYED, Appeal.id != appeal.id
    )
    if session.scalar(waiting.limit(1)):
        return  # another appeal still stays it
    old.state = DecisionState.SUPERSEDED
    session.flush()
    last = select(func.max(Decision.version)).where(Decision.case_id == case.id)
    same = ("measures", "facts", "grounds", "evidence", "answer_days", "sharing", "catalogue")
    decision = Decision(
        case_id=case.id,
        version=session.scalars(last).one() + 1,
        state=DecisionState.APPROVED,
        proposed_by_id=old.proposed_by_id,
        approved_by_id=user.id,
        approved_at=session.scalars(select(func.now())).one(),
        replaces_id=old.id,
        **{name: getattr(old, name) for name in same},
    )
    session.add(decision)
    session.flush()
    appeal.outcome_id, case.state = decision.id, CaseState.ORDERED
    issuing.fan_out(session, case, decision)
    deny_list.enter(session, case, decision)


def settle(session: Session, user: User, decision: Decision) -> None:
    """A version proposed in answer to an appeal was approved: the appeal is decided, and so is
    every other one against the decision it replaced, where that fell."""
    state = AppealState.OVERTURNED if decision.effect == Effect.OVERTURN else AppealState.MODIFIED
    query = select(Appeal, Order).join(Order, Order.id == Appeal.order_id)
    rows = session.execute(
        query.where(Order.decision_id == decision.replaces_id, Appeal.state.in_(UNSETTLED))
    ).all()
    for appeal, order in rows:
        # A change settles the appeal it answers, and ends the stays of others.
        if (
            appeal.outcome_id == decision.id
            or state == AppealState.OVERTURNED
            or appeal.state == AppealState.STAYED
        ):
            appeal.outcome_id = decision.id
            _close(session, user, appeal, order, state, decision.facts)


def _open_appeal(
    session: Session, user: User, case_id: int, version: int, appeal_id: int, action: str
) -> tuple[Case, Appeal, Order]:
    """The locked case, the appeal and the order it is against, where the action is permitted."""
    case = locked_case(session, case_id, version)
    row = session.execute(
        select(Appeal, Order)
        .join(Order, Order.id == Appeal.order_id)
        .join(Decision, Decision.id == Order.decision_id)
        .where(Appeal.id == appeal_id, Decision.case_id == case.id)
    ).one_or_none()
    if row is None:
        raise not_found("没有这件申诉。")
    permitted.require(session, user, case, action, appeal_id)
    appeal, order = row
    return case, appeal, order


def _close(
    session: Session, user: User, appeal: Appeal, order: Order, state: str, reason: str
) -> None:
    appeal.state, appeal.decided_at, appeal.decided_by_id = state, func.now(), user.id
    appeal.decided_because = reason[:20_000]
    session.flush()
    _tell(session, appeal, order, state.lower(), reason)


def _tell(session: Session, appeal: Appeal, order: Order, state: str, reason: str) -> None:
    """Notify the platform that filed the appeal, for its merchant."""
    (platform,) = outbox.lock_platforms(session, [appeal.platform_id]) or (None,)
    if platform is not None:
        data = {
            "appeal_id": appeal.external_id,
            "order_id": order.public_id,
            "state": state,
            "reason": reason[:20_000],
        }
        outbox.put(session, platform, "appeal.updated", outbox.next_seq(session, platform), data)
    deny_list.note_appeal(session, order, state.upper())
