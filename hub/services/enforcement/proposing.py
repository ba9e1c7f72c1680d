"""Proposals: a handler makes or withdraws one, an approver may reject it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.problems import conflict, invalid, required
from hub.services.audit import audit_log
from hub.services.cases import permitted, relations
from hub.services.cases.lock import locked_case
from hub.services.enforcement import measures
from hub.services.enforcement.decisions import in_force, open_decision, state_of
from hub.services.merchants import lookups
from models import Appeal, Case, Decision, Order, Platform, User
from models.states import DECIDED, UNSETTLED, CaseState, DecisionState, Effect

SHARING = {
    "own": "仅转来举报的平台",
    "named": "指定平台",
    "all": "全部参与平台",
    "departments": "参与平台与各部门",
    "public": "向社会公开",
}
MOST_ANSWER_DAYS = 30
# A blank for what only a person can say; a proposal that still contains it is refused.
BLANK = "【核查情况：待办案员填写查证经过、依据和结论】"
_UNFILLED = re.compile(r"【[^】]*待办案员填写[^】]*】")


@dataclass(frozen=True)
class ProposalTerms:
    """What a decision says beside measures and facts. `terms` gives days for a code (0: until
    revoked); `platforms` are the slugs of the sharing level `named`."""

    grounds: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    terms: dict[str, int] = field(default_factory=dict)
    answer_days: int = 3
    sharing: str = "all"
    platforms: list[str] = field(default_factory=list)
    appeal_id: int | None = None


def propose(
    session: Session,
    user: User,
    case_id: int,
    version: int,
    codes: list[str],
    facts: str,
    draft: ProposalTerms | None = None,
) -> Decision:
    """A handler proposes measures; on a decided case, a version that replaces the
    decision in force, in answer to an appeal or not. Raises Problem 404, 409 or 422."""
    draft = draft or ProposalTerms()
    case = locked_case(session, case_id, version)
    permitted.require(session, user, case, "change" if case.state in DECIDED else "propose")
    old = in_force(session, case)
    facts = _filled(required("facts", facts, "请写明认定的事实与理由。"))
    decision = _new_version(session, user, case, old)
    decision.measures = _picked(session, case, codes, draft.terms)
    decision.facts = facts[:20_000]
    decision.grounds = [g[:500] for g in draft.grounds[:50]]
    decision.evidence = [e[:500] for e in draft.evidence[:500]]
    decision.answer_days = _answer_days(draft.answer_days)
    decision.sharing = _sharing(session, draft)
    decision.catalogue = measures.version()
    _enter(session, case, decision, draft.appeal_id)
    lookups.ask_about(session, case)
    audit_log.note(
        session, user.username, "propose", case.id,
        decision=decision.version, codes=[m["code"] for m in decision.measures],
    )  # fmt: skip
    return decision


def overturn(
    session: Session, user: User, case_id: int, version: int, reason: str, appeal_id: int | None
) -> Decision:
    """Propose that the decision in force falls: a version that orders nothing but its undoing.
    It takes two persons like any other. Raises Problem 404, 409 or 422."""
    case = permitted.locked(session, user, case_id, version, "overturn")
    old = in_force(session, case)
    assert old is not None, "nothing to overturn"
    reason = required("reason", reason, "请写明理由。")
    decision = _new_version(session, user, case, old)
    decision.effect, decision.measures, decision.facts = Effect.OVERTURN, [], reason[:20_000]
    decision.sharing, decision.catalogue = old.sharing, measures.version()
    _enter(session, case, decision, appeal_id)
    audit_log.note(
        session, user.username, "propose_overturn", case.id,
        decision=decision.version, reason=reason[:500],
    )  # fmt: skip
    return decision


def _new_version(session: Session, user: User, case: Case, old: Decision | None) -> Decision:
    last = session.scalar(select(func.max(Decision.version)).where(Decision.case_id == case.id))
    return Decision(
        case_id=case.id,
        version=(last or 0) + 1,
        proposed_by_id=user.id,
        replaces_id=old.id if old else None,
    )


def _enter(session: Session, case: Case, decision: Decision, appeal_id: int | None) -> None:
    session.add(decision)
    case.state = CaseState.UNDER_REVIEW if decision.replaces_id else CaseState.PROPOSED
    case.version += 1
    session.flush()
    if appeal_id is not None:
        appeal = session.scalar(
            select(Appeal)
            .join(Order, Order.id == Appeal.order_id)
            .where(
                Appeal.id == appeal_id,
                Order.decision_id == decision.replaces_id,
                Appeal.state.in_(UNSETTLED),
            )
        )
        if appeal is None:
            raise conflict("这件申诉不针对生效中的决定，或已办结。")
        appeal.outcome_id = decision.id


def _filled(facts: str) -> str:
    if _UNFILLED.search(facts):
        said = "核查情况还没有填写：请把事实中【　】一处改为查证的经过、依据和结论。"
        raise invalid("facts", said, "不留待填的空白")
    return facts


def _picked(
    session: Session, case: Case, codes: list[str], terms: dict[str, int]
) -> list[dict[str, Any]]:
    if not codes:
        raise invalid("measures", "请至少选择一项处置措施。")
    try:
        picked = measures.chosen(relations.kinds(session, case), codes, terms)
    except ValueError:
        raise invalid("measures", "所选措施不适用于此类案件。", "所列措施之一") from None
    if not any(m["on"] for m in picked):
        raise invalid("measures", "请至少选择一项由平台执行的措施。")
    return picked


def _answer_days(days: int) -> int:
    if not 1 <= days <= MOST_ANSWER_DAYS:
        raise invalid("answer_days", f"反馈期限须为 1 至 {MOST_ANSWER_DAYS} 天。")
    return days


def _sharing(session: Session, draft: ProposalTerms) -> dict[str, Any]:
    """The sharing level, as in MISP: who may know of the decision."""
    known = set(session.scalars(select(Platform.slug)))
    named = sorted(set(draft.platforms)) if draft.sharing == "named" else []
    if draft.sharing not in SHARING or set(named) - known:
        raise invalid("sharing", "共享范围有误。", "所列范围之一，平台须已接入")
    if draft.sharing == "named" and not named:
        raise invalid("platforms", "请至少指定一个平台。")
    return {"level": draft.sharing, "platforms": named}


def reject(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """An approver rejects the proposal; the case returns to its previous state. Raises Problem
    403 for the proposer, 404, 409, 422."""
    return _end_proposal(session, user, case_id, version, DecisionState.REJECTED, "reject", reason)


def withdraw(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """The proposer withdraws the proposal. Raises Problem 403, 404, 409, 422."""
    return _end_proposal(
        session, user, case_id, version, DecisionState.WITHDRAWN, "withdraw", reason
    )


def _end_proposal(
    session: Session, user: User, case_id: int, version: int, state: str, verb: str, reason: str
) -> Decision:
    reason = required("reason", reason, "请写明理由。")
    case = permitted.locked(session, user, case_id, version, verb)
    decision = open_decision(session, case)
    decision.state, decision.ended_because = state, reason[:5000]
    old = in_force(session, case)
    case.state = state_of(session, old) if old else state
    case.version += 1
    session.execute(update(Appeal).where(Appeal.outcome_id == decision.id).values(outcome_id=None))
    audit_log.note(
        session, user.username, verb, case.id, decision=decision.version, reason=reason[:500]
    )
    return decision
