"""Decisions and what every platform did about them, for the case page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from hub.services.enforcement import TERMINAL
from models import Appeal, Attempt, Case, Decision, Delivery, Order, Platform, Shop, User


@dataclass(frozen=True)
class OrderLine:
    """One order at one platform, on both axes: was it delivered, was it done."""

    public_id: str
    platform: str
    slug: str
    seq: int
    revokes: bool
    execution: str
    answer: dict[str, Any]
    answer_by: datetime
    overdue: bool
    acknowledged_at: datetime | None
    answered_at: datetime | None
    delivery: str
    attempts: int
    delivered_at: datetime | None
    trouble: str | None

    @property
    def settled(self) -> bool:
        return self.execution in TERMINAL


@dataclass(frozen=True)
class AppealLine:
    """A merchant's appeal."""

    platform: str
    order: str
    external_id: str
    state: str
    reason: str
    filed_at: datetime


@dataclass
class DecisionView:
    """One version of the decision with its orders."""

    version: int
    state: str
    measures: list[dict[str, Any]]
    facts: str
    proposer_id: int
    proposer: str
    proposed_at: datetime
    approver: str | None
    approved_at: datetime | None
    ended_because: str | None
    orders: list[OrderLine] = field(default_factory=list)
    appeals: list[AppealLine] = field(default_factory=list)

    @property
    def pending(self) -> bool:
        """Whether a platform still owes an answer."""
        return any(not o.settled for o in self.orders)


@dataclass(frozen=True)
class Preview:
    """What a platform will get when the proposal is approved."""

    platform: str
    reports: int
    shops: list[str]


def decisions(session: Session, case: Case) -> list[DecisionView]:
    """Every version of the case's decision, newest first."""
    proposer, approver = aliased(User), aliased(User)
    rows = session.execute(
        select(Decision, proposer.name, approver.name)
        .join(proposer, proposer.id == Decision.proposed_by_id)
        .outerjoin(approver, approver.id == Decision.approved_by_id)
        .where(Decision.case_id == case.id)
        .order_by(Decision.version.desc())
    ).all()
    if not rows:
        return []
    ids = [d.id for d, _, _ in rows]
    orders, appeals = _orders(session, ids), _appeals(session, ids)
    return [
        DecisionView(
            d.version, d.state, d.measures, d.facts, d.proposed_by_id, by, d.proposed_at,
            other, d.approved_at, d.ended_because, orders[d.id], appeals[d.id],
        )
        for d, by, other in rows
    ]  # fmt: skip


def _orders(session: Session, decision_ids: list[int]) -> dict[int, list[OrderLine]]:
    last_try = (
        select(Attempt.delivery_id, Attempt.status, Attempt.error)
        .ext(distinct_on(Attempt.delivery_id))
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Order, Order.id == Delivery.order_id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Attempt.delivery_id, Attempt.number.desc())
        .subquery()
    )
    rows = session.execute(
        select(
            Order,
            Delivery.state,
            Delivery.attempts,
            Delivery.delivered_at,
            last_try.c.status,
            last_try.c.error,
            (Order.answer_by < func.now()).label("late"),
        )
        .outerjoin(Delivery, Delivery.order_id == Order.id)
        .outerjoin(last_try, last_try.c.delivery_id == Delivery.id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Order.platform_id, Order.id)
    ).all()
    found: dict[int, list[OrderLine]] = defaultdict(list)
    for order, state, attempts, delivered_at, status, error, late in rows:
        trouble = error or (f"HTTP {status}" if status else None)
        found[order.decision_id].append(
            OrderLine(
                public_id=order.public_id,
                platform=order.platform.name,
                slug=order.platform.slug,
                seq=order.seq,
                revokes=order.revokes_id is not None,
                execution=order.execution,
                answer=order.answer or {},
                answer_by=order.answer_by,
                overdue=bool(late) and order.execution not in TERMINAL,
                acknowledged_at=order.acknowledged_at,
                answered_at=order.answered_at,
                delivery=state or "PENDING",
                attempts=attempts or 0,
                delivered_at=delivered_at,
                trouble=None if state == "DELIVERED" else trouble,
            )
        )
    return found


def _appeals(session: Session, decision_ids: list[int]) -> dict[int, list[AppealLine]]:
    rows = session.execute(
        select(Appeal, Order.decision_id, Order.public_id, Platform.name)
        .join(Order, Order.id == Appeal.order_id)
        .join(Platform, Platform.id == Appeal.platform_id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Appeal.id)
    )
    found: dict[int, list[AppealLine]] = defaultdict(list)
    for appeal, decision_id, order, platform in rows:
        line = AppealLine(
            platform, order, appeal.external_id, appeal.state, appeal.reason, appeal.filed_at
        )
        found[decision_id].append(line)
    return found


def preview(session: Session, case: Case) -> list[Preview]:
    """Every active platform and what it knows of the case's subject."""
    shops: dict[int, list[str]] = defaultdict(list)
    if case.subject_id:
        for shop in session.scalars(select(Shop).where(Shop.subject_id == case.subject_id)):
            shops[shop.platform_id].append(f"{shop.name or '店铺'}（{shop.shop_id}）")
    platforms = session.scalars(select(Platform).where(Platform.active).order_by(Platform.id))
    return [Preview(p.name, case.spread.get(p.slug, 0), shops[p.id]) for p in platforms]
