"""Enforcement 联合惩戒: propose, approve by another, one order for every platform, revoke.

Everything a decision sets in motion is written in the decision's own transaction: orders,
deliveries, what the reporting platforms are told, and the audit entry.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.database import CHANGING
from hub.problems import FieldError, Problem, conflict, not_found
from hub.services import assessment, audit, labels, measures, outbox, terms
from models import Case, Decision, Order, Platform, Report, Subject, User, Wording

BEIJING = ZoneInfo("Asia/Shanghai")
ANSWER_DAYS = 3  # days a platform has to answer; the statutory clocks come with the clocks
TERMINAL = frozenset({"EXECUTED", "PARTIAL", "ABSENT", "REFUSED", "CANCELLED", "REVERSED"})
_OPEN_FOR_PROPOSAL = ("OPEN", "INVESTIGATING", "REJECTED", "WITHDRAWN", "REOPENED")


def locked_case(session: Session, case_id: int, version: int) -> Case:
    """The case, locked, if it still is at `version`.

    Raises Problem 404 when there is none, 409 when somebody was faster: who and what is told.
    """
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update(**CHANGING)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise not_found("没有这个案件。")
    if case.version != version:
        raise conflict(f"案件已被他人更改{_by_whom(session, case_id)}。请查看最新情况后再操作。")
    return case


def _by_whom(session: Session, case_id: int) -> str:
    last = audit.last(session, case_id)
    if last is None:
        return ""
    name = session.scalar(select(User.name).where(User.username == last.actor)) or last.actor
    return f"：{name} 于 {last.at.astimezone(BEIJING):%H:%M:%S} 已{audit.word(last.action)}"


def propose(
    session: Session, user: User, case_id: int, version: int, codes: list[str], facts: str
) -> Decision:
    """A handler proposes measures. Raises Problem 404, 409 or 422."""
    case = locked_case(session, case_id, version)
    if case.state not in _OPEN_FOR_PROPOSAL or case.merged_into_id:
        raise conflict("此案件当前状态不能提出处理建议。")
    if not codes:
        error = FieldError("measures", "没有选择处置措施", "至少选择一项处置措施")
        raise Problem(422, "invalid_fields", "请至少选择一项处置措施。", [error])
    if not facts.strip():
        error = FieldError("facts", "没有写明事实", "写明认定的事实与理由")
        raise Problem(422, "invalid_fields", "请写明认定的事实与理由。", [error])
    try:
        picked = measures.chosen(case.kind, codes)
    except ValueError as error:
        wrong = FieldError("measures", str(error), "所列措施之一")
        raise Problem(422, "invalid_fields", "所选措施不适用于此类案件。", [wrong]) from None
    last = session.scalar(select(func.max(Decision.version)).where(Decision.case_id == case.id))
    decision = Decision(
        case_id=case.id,
        version=(last or 0) + 1,
        measures=picked,
        facts=facts.strip()[:20_000],
        proposed_by_id=user.id,
    )
    session.add(decision)
    case.state, case.version = "PROPOSED", case.version + 1
    session.flush()
    audit.note(session, user.username, "propose", case.id, decision=decision.version, codes=codes)
    return decision


def approve(session: Session, user: User, case_id: int, version: int) -> Decision:
    """Another person approves: orders and deliveries to every active platform are written.

    Raises Problem 403 when the approver proposed it, 409 when it is no longer open.
    """
    case = locked_case(session, case_id, version)
    decision = _open_decision(session, case)
    if decision.proposed_by_id == user.id:
        raise Problem(403, "four_eyes", "提出建议的人不能审批同一决定，须由他人审批。")
    decision.state, decision.approved_by_id = "APPROVED", user.id
    decision.approved_at = func.now()
    case.state, case.version = "ORDERED", case.version + 1
    if case.subject_id:  # the merchant's next offence is a new case
        case.live = False
    session.flush()
    platforms = outbox.lock_platforms(session)
    for platform in platforms:
        _issue(session, case, decision, platform)
    _tell_reporters(session, case, "decided")
    labels.approved(session, user, case)
    terms.follow(session, case, "approved")
    audit.note(
        session, user.username, "approve", case.id,
        decision=decision.version, platforms=[p.slug for p in platforms],
    )  # fmt: skip
    return decision


def reject(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """The second pair of eyes says no; the case goes back to the handler."""
    return _end_proposal(session, user, case_id, version, "REJECTED", "reject", reason)


def withdraw(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """The proposer takes the proposal back."""
    return _end_proposal(session, user, case_id, version, "WITHDRAWN", "withdraw", reason)


def revoke(session: Session, user: User, case_id: int, version: int, reason: str) -> Decision:
    """Undo an approved decision on every platform that was ordered.

    Decided by an approver who did not propose it; each platform gets a revocation with a
    higher seq, also one that never got the penalty, so that the last word is the same for all.
    """
    if not reason.strip():
        raise _reason_needed()
    case = locked_case(session, case_id, version)
    decision = session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.state == "APPROVED")
    )
    if decision is None:
        raise conflict("没有生效中的决定可以撤销。")
    if decision.proposed_by_id == user.id:
        raise Problem(403, "four_eyes", "提出建议的人不能独自撤销同一决定。")
    decision.state, decision.ended_because = "REVOKED", reason.strip()[:5000]
    case.state, case.version = "REVOKED", case.version + 1
    penalties = {o.platform_id: o for o in decision.orders if o.revokes_id is None}
    for platform in _lock_all(session, list(penalties)):
        _issue_revocation(session, decision, penalties[platform.id], platform, reason.strip())
    _tell_reporters(session, case, "revoked")
    terms.follow(session, case, "revoked")
    audit.note(
        session, user.username, "revoke", case.id, decision=decision.version, reason=reason[:500]
    )
    return decision


def _open_decision(session: Session, case: Case) -> Decision:
    decision = session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.state == "PROPOSED")
    )
    if decision is None:
        raise conflict("没有待审批的处理建议。")
    return decision


def _reason_needed() -> Problem:
    error = FieldError("reason", "没有写明理由", "写明理由")
    return Problem(422, "invalid_fields", "请写明理由。", [error])


def _end_proposal(
    session: Session, user: User, case_id: int, version: int, state: str, verb: str, reason: str
) -> Decision:
    if not reason.strip():
        raise _reason_needed()
    case = locked_case(session, case_id, version)
    decision = _open_decision(session, case)
    if verb == "withdraw" and decision.proposed_by_id != user.id:
        raise Problem(403, "forbidden", "只有提出建议的人可以撤回。")
    if verb == "reject" and decision.proposed_by_id == user.id:
        raise Problem(403, "four_eyes", "提出建议的人不能审批同一决定。")
    decision.state, decision.ended_because = state, reason.strip()[:5000]
    case.state, case.version = state, case.version + 1
    audit.note(
        session, user.username, verb, case.id, decision=decision.version, reason=reason[:500]
    )
    return decision


def _lock_all(session: Session, ids: list[int]) -> list[Platform]:
    """Also suspended platforms: what was ordered there must be undone there."""
    query = select(Platform).where(Platform.id.in_(ids)).order_by(Platform.id)
    return list(session.scalars(query.with_for_update(**CHANGING)))


def _issue(session: Session, case: Case, decision: Decision, platform: Platform) -> Order:
    seq = outbox.next_seq(session, platform)
    now = datetime.now(UTC)
    answer_by = now + timedelta(days=ANSWER_DAYS)
    public_id = "od_" + secrets.token_hex(12)
    body = {
        "order_id": public_id,
        "decision_id": f"C{case.id}-{decision.version}",
        "kind": case.kind,
        "measures": decision.measures,
        "subject": _subject_there(session, case, platform),
        "claim": _claim_there(session, case, platform),
        "facts": decision.facts,
        "answer_by": answer_by.isoformat(),
        "not_before": now.isoformat(),
        "expires_at": None,
        "supersedes": None,
    }
    order = Order(
        public_id=public_id,
        decision_id=decision.id,
        platform_id=platform.id,
        seq=seq,
        body=body,
        answer_by=answer_by,
    )
    session.add(order)
    session.flush()
    outbox.put(session, platform, "order.issued", seq, body, order.id)
    return order


def _issue_revocation(
    session: Session, decision: Decision, penalty: Order, platform: Platform, reason: str
) -> Order:
    seq = outbox.next_seq(session, platform)
    answer_by = datetime.now(UTC) + timedelta(days=ANSWER_DAYS)
    public_id = "rv_" + secrets.token_hex(12)
    body = {
        "order_id": penalty.public_id,
        "revocation_id": public_id,
        "reason": reason,
        "answer_by": answer_by.isoformat(),
    }
    order = Order(
        public_id=public_id,
        decision_id=decision.id,
        platform_id=platform.id,
        seq=seq,
        revokes_id=penalty.id,
        body=body,
        answer_by=answer_by,
    )
    session.add(order)
    session.flush()
    outbox.put(session, platform, "order.revoked", seq, body, order.id)
    return order


def _subject_there(session: Session, case: Case, platform: Platform) -> dict[str, Any] | None:
    """The merchant with its shops on this platform; those elsewhere are not told."""
    if case.subject_id is None:
        return None
    subject = session.get_one(Subject, case.subject_id)
    shops = [
        {"shop_id": s.shop_id, "shop_name": s.name}
        for s in subject.shops
        if s.platform_id == platform.id
    ]
    return {
        "uscc": subject.uscc,
        "merchant_name": subject.name,
        "license_no": subject.license_no,
        "shops": shops,
    }


def _claim_there(session: Session, case: Case, platform: Platform) -> dict[str, Any] | None:
    """The rumor with this platform's own reports and URLs of it, newest 500.

    The text told is the platform's own wording where it has one, so that no platform reads
    another's report; else the centre as the hub normalised it.
    """
    if case.claim_id is None:
        return None
    reports = session.scalars(
        select(Report)
        .where(Report.case_id == case.id, Report.platform_id == platform.id)
        .where(Report.state.in_(("TRIAGE", "MERGED")))
        .order_by(Report.id.desc())
        .limit(500)
    ).all()
    contents = [r.payload.get("content") or {} for r in reports]
    text = reports[-1].text if reports else _centre_text(session, case)
    return {
        "text": text,
        "reports": [r.external_id for r in reports],
        "urls": [c["url"] for c in contents if c.get("url")],
    }


def _centre_text(session: Session, case: Case) -> str:
    wording = session.scalar(
        select(Wording).where(Wording.claim_id == case.claim_id).order_by(Wording.id).limit(1)
    )
    return wording.text if wording else case.title


def _tell_reporters(session: Session, case: Case, status: str) -> None:
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Report.platform_id, Report.external_id).where(
            Report.case_id == case.id, Report.state.in_(("TRIAGE", "MERGED"))
        )
    )
    for platform_id, external_id in rows:
        told[platform_id].append(
            {"report_id": external_id, "status": status, "case": f"C{case.id}"}
        )
    assessment.tell(session, told)


def tell_dismissed(session: Session, case: Case) -> None:
    """Reporters learn that their reports were dismissed."""
    _tell_reporters(session, case, "dismissed")
