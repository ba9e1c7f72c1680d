"""Orders 处置指令 and revocations 撤销, written with their deliveries into the outbox."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING, Lock, under
from hub.services.enforcement import composing
from hub.services.enforcement.composing import OrderIdentity, PlatformOrder
from hub.services.platforms import outbox
from models import Case, Decision, Order, Platform, Withheld


@under(Lock.FAN_OUT)
def fan_out(
    session: Session, case: Case, decision: Decision, last_report_id: int | None = None
) -> list[Platform]:
    """One order for every platform the decision reaches, and for every other the reason why
    not. What an earlier version ordered is superseded, or revoked where nothing follows it.
    Returns the platforms that got an order."""
    before = _live_penalties(session, decision.replaces_id)
    got = []
    for platform in _lock(session, select(Platform)):
        what = composing.asked(case, decision, platform)
        old = before.get(platform.id)
        if what.withheld is None:
            issue(session, case, decision, what, old, last_report_id)
            got.append(platform)
        else:
            row = Withheld(decision_id=decision.id, platform_id=platform.id, code=what.withheld)
            session.add(row)
            if old is not None:
                revoke_order(session, decision, old, "superseded", decision.facts)
    session.flush()
    return got


def revoke_all(
    session: Session, decision: Decision, because: str, reason: str, by: Decision | None = None
) -> list[Platform]:
    """A revocation for every platform that got the penalty, also suspended ones: what was
    ordered there must be undone there. It belongs to the decision `by`, or to the same."""
    penalties = _live_penalties(session, decision.id)
    locked = [p for p in _lock(session, select(Platform)) if p.id in penalties]
    for platform in locked:
        revoke_order(session, by or decision, penalties[platform.id], because, reason)
    return locked


def _live_penalties(session: Session, decision_id: int | None) -> dict[int, Order]:
    """By platform, the penalties a decision ordered."""
    if decision_id is None:
        return {}
    query = select(Order).where(Order.decision_id == decision_id, Order.revokes_id.is_(None))
    return {o.platform_id: o for o in session.scalars(query)}


def _lock(session: Session, query: Select[Platform]) -> list[Platform]:
    """Platforms, active or not, row-locked in the common order."""
    query = query.order_by(Platform.id).with_for_update(**CHANGING)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def issue(
    session: Session,
    case: Case,
    decision: Decision,
    what: PlatformOrder,
    old: Order | None = None,
    last_report_id: int | None = None,
) -> Order:
    """The order of one platform, whose row is locked."""
    now = datetime.now(UTC)
    named = OrderIdentity("od_" + secrets.token_hex(12), now, old.public_id if old else None)
    body = composing.body(session, case, decision, what, named, last_report_id)
    return _put(
        session, decision, what.platform, "order.issued", named.order_id, body,
        supersedes_id=old.id if old else None,
    )  # fmt: skip


def revoke_order(
    session: Session, decision: Decision, penalty: Order, because: str, reason: str
) -> Order:
    """Revoke a penalty at its platform. `because`: revoked, stayed, overturned, superseded."""
    public_id = "rv_" + secrets.token_hex(12)
    answer_by = datetime.now(UTC) + timedelta(days=decision.answer_days)
    body = {
        "order_id": penalty.public_id,
        "revocation_id": public_id,
        "because": because,
        "reason": reason,
        "answer_by": answer_by.isoformat(),
    }
    return _put(
        session, decision, penalty.platform, "order.revoked", public_id, body,
        revokes_id=penalty.id,
    )  # fmt: skip


def _put(
    session: Session,
    decision: Decision,
    platform: Platform,
    type_: str,
    public_id: str,
    body: dict[str, Any],
    **refers: int | None,
) -> Order:
    seq = outbox.next_seq(session, platform)
    order = Order(
        public_id=public_id,
        decision_id=decision.id,
        platform_id=platform.id,
        seq=seq,
        body=body,
        answer_by=datetime.fromisoformat(body["answer_by"]),
        **refers,
    )
    session.add(order)
    session.flush()
    outbox.put(session, platform, type_, seq, body, order.id)
    return order
