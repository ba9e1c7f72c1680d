"""Approving a proposal with all its effects, and revoking an approved decision."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import Lock
from hub.problems import conflict, required
from hub.services.audit import audit_log
from hub.services.cases import permitted
from hub.services.cases.outcomes import tell_reporters
from hub.services.enforcement import appeals, audience, composing, issuing
from hub.services.enforcement.decisions import in_force, open_decision
from hub.services.merchants import deny_list
from hub.services.office import case_clocks
from hub.services.review import labels, second_review
from models import Case, Decision, Platform, User
from models.states import CaseState, DecisionState, Effect


def approve(session: Session, user: User, case_id: int, version: int, seal: str = "") -> Decision:
    """Another person approves: orders and deliveries to every platform it reaches are written.

    `seal` is that of the preview the approver saw. Raises Problem 403 when the approver
    proposed it, 409 when it is no longer open or would now send something else.
    """
    locks.hold(session, Lock.FAN_OUT, shared=True)
    case = permitted.locked(session, user, case_id, version, "approve")
    decision = open_decision(session, case)
    last_report_id = _as_seen(session, case, decision, seal)
    old = _end_old(session, decision)
    decision.state, decision.approved_by_id = DecisionState.APPROVED, user.id
    decision.approved_at = session.scalars(select(func.now())).one()
    case.version += 1
    if case.merchant_id:  # the merchant's next offence is a new case
        case.live = False
    session.flush()
    if decision.effect == Effect.OVERTURN:
        assert old is not None, "an overturning version without one to overturn"
        platforms = _overturn(session, case, decision, old)
    else:
        platforms = _order(session, user, case, decision, last_report_id)
    if old is not None:
        appeals.settle(session, user, decision)
        deny_list.end(session, old, f"由第{decision.version}版决定替代")
    deny_list.enter(session, case, decision)
    audit_log.note(
        session, user.username, "approve", case.id,
        decision=decision.version, platforms=[p.slug for p in platforms],
        withheld={who: why for who, why in audience.withheld(decision.sharing).items() if why},
    )  # fmt: skip
    return decision


def _as_seen(session: Session, case: Case, decision: Decision, seal: str) -> int | None:
    """The newest report the approver's preview counted. Raises Problem 409 when the platforms
    would get something else than it showed."""
    if not seal:
        return None
    last_report_id = composing.sealed_last_report_id(seal)
    if (
        last_report_id is None
        or composing.preview(session, case, decision, last_report_id).seal != seal
    ):
        raise conflict("各平台将收到的内容已有变化。请查看最新预览后再审批。")
    return last_report_id


def _end_old(session: Session, decision: Decision) -> Decision | None:
    if decision.replaces_id is None:
        return None
    old = session.get_one(Decision, decision.replaces_id)
    old.state = (
        DecisionState.OVERTURNED if decision.effect == Effect.OVERTURN else DecisionState.SUPERSEDED
    )
    session.flush()  # a unique index allows one decision in force
    return old


def _order(
    session: Session, user: User, case: Case, decision: Decision, last_report_id: int | None
) -> list[Platform]:
    case.state = CaseState.ORDERED
    platforms = issuing.fan_out(session, case, decision, last_report_id)
    if not platforms:
        raise conflict("没有平台会收到这份决定：请检查共享范围与各平台的能力。")
    tell_reporters(session, case, "decided")
    labels.approved(session, user, case)
    second_review.draw(session, case, user, decision)
    case_clocks.follow(session, case, "approved")
    return platforms


def _overturn(session: Session, case: Case, decision: Decision, old: Decision) -> list[Platform]:
    case.state = CaseState.REVOKED
    decision.state = DecisionState.OVERTURNED  # it orders nothing that could be in force
    platforms = issuing.revoke_all(session, old, "overturned", decision.facts, by=decision)
    tell_reporters(session, case, "revoked")
    case_clocks.follow(session, case, "revoked")  # a published penalty must be withdrawn in time
    return platforms


def revoke(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """Undo an approved decision on every platform that was ordered.

    Decided by an approver who did not propose it; each platform gets a revocation with a
    higher seq, also one that never got the penalty, so that the last word is the same for all.
    Raises Problem 403 for whoever proposed it, 404, 409, or 422 without a reason.
    """
    reason = required("reason", reason, "请写明理由。")
    case = permitted.locked(session, user, case_id, version, "revoke")
    decision = in_force(session, case)
    assert decision is not None, "nothing to revoke"
    decision.state, decision.ended_because = DecisionState.REVOKED, reason[:5000]
    case.state, case.version = CaseState.REVOKED, case.version + 1
    issuing.revoke_all(session, decision, "revoked", reason)
    tell_reporters(session, case, "revoked")
    case_clocks.follow(session, case, "revoked")
    deny_list.end(session, decision, reason)
    audit_log.note(
        session, user.username, "revoke", case.id, decision=decision.version, reason=reason[:500]
    )
    return decision
