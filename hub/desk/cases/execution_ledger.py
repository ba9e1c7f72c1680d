"""The execution ledger 执行台账: a case's decisions, and how every platform executed them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased, defer

from models import Appeal, Attempt, Case, Decision, Delivery, Order, Platform, User, Withheld
from models.states import TAKEN_BACK, TERMINAL, UNSETTLED, DeliveryState


@dataclass(frozen=True)
class OrderLine:
    """One order to one platform: its delivery and its execution."""

    public_id: str
    platform: str
    slug: str
    seq: int
    revokes: str | None  # why, for a revocation
    supersedes: bool
    issued_at: datetime
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
    instead: list[tuple[str, str]]  # measure decided, measure ordered
    undoing: bool  # a revocation or a newer order is under way
    reminded_at: datetime | None
    escalated_at: datetime | None
    chased_at: datetime | None
    chased_note: str | None

    @property
    def settled(self) -> bool:
        return self.execution in TERMINAL


@dataclass(frozen=True)
class AppealLine:
    """A merchant's appeal and what became of it."""

    id: int
    platform: str
    order: str
    external_id: str
    state: str
    reason: str
    filed_at: datetime
    stayed_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    decided_because: str | None
    answered_by: int | None  # the decision version that answers it

    @property
    def open(self) -> bool:
        return self.state in UNSETTLED


@dataclass
class DecisionView:
    """One version of the decision with its orders, and the platforms that got none."""

    decision: Decision
    proposer: str
    approver: str | None
    orders: list[OrderLine] = field(default_factory=list)
    withheld: list[tuple[str, str]] = field(default_factory=list)  # platform, code of the reason
    appeals: list[AppealLine] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """Attributes of the decision itself: version, state, measures, facts, ..."""
        return getattr(self.decision, name)

    @property
    def pending(self) -> bool:
        """Whether a platform still owes an answer."""
        return any(not o.settled for o in self.orders)

    @property
    def reached(self) -> int | None:
        """People a debunk was pushed to, over all platforms; None where none reported it."""
        counts = [o.answer["reached"] for o in self.orders if o.answer.get("reached") is not None]
        return sum(counts) if counts else None


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
    withheld = _withheld(session, ids)
    return [
        DecisionView(d, by, other, orders[d.id], withheld[d.id], appeals[d.id])
        for d, by, other in rows
    ]


def _withheld(session: Session, decision_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """By decision: (platform, code of the reason) of platforms that got no order."""
    rows = session.execute(
        select(Withheld.decision_id, Platform.name, Withheld.code)
        .join(Platform, Platform.id == Withheld.platform_id)
        .where(Withheld.decision_id.in_(decision_ids), Withheld.ended_at.is_(None))
        .order_by(Platform.id)
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for decision_id, name, code in rows:
        found[decision_id].append((name, code))
    return found


def _orders(session: Session, decision_ids: list[int]) -> dict[int, list[OrderLine]]:
    last_attempt = _last_attempts(decision_ids)
    rows = session.execute(
        select(
            Order,
            Delivery,
            last_attempt.c.status,
            last_attempt.c.error,
            (Order.answer_by < func.now()).label("late"),
            _undone_by_another().label("undoing"),
        )
        .outerjoin(Delivery, Delivery.order_id == Order.id)
        .options(defer(Delivery.body))
        .outerjoin(last_attempt, last_attempt.c.delivery_id == Delivery.id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Order.platform_id, Order.id)
    )
    found: dict[int, list[OrderLine]] = defaultdict(list)
    for order, delivery, status, error, late, undoing in rows:
        trouble = error or (f"HTTP {status}" if status else order.platform.paused_because)
        found[order.decision_id].append(_order_line(order, delivery, trouble, late, undoing))
    return found


def _last_attempts(decision_ids: list[int]) -> Subquery:
    return (
        select(Attempt.delivery_id, Attempt.status, Attempt.error)
        .ext(distinct_on(Attempt.delivery_id))
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Order, Order.id == Delivery.order_id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Attempt.delivery_id, Attempt.number.desc())
        .subquery()
    )


def _order_line(
    order: Order, delivery: Delivery | None, trouble: str | None, late: bool, undoing: bool
) -> OrderLine:
    delivered = delivery is not None and delivery.state == DeliveryState.DELIVERED
    measures = order.body.get("measures", ())
    return OrderLine(
        public_id=order.public_id,
        platform=order.platform.name,
        slug=order.platform.slug,
        seq=order.seq,
        revokes=order.body.get("because", "revoked") if order.revokes_id else None,
        supersedes=order.supersedes_id is not None,
        issued_at=order.created_at,
        execution=order.execution,
        answer=order.answer or {},
        answer_by=order.answer_by,
        overdue=late and order.execution not in TERMINAL,
        acknowledged_at=order.acknowledged_at,
        answered_at=order.answered_at,
        delivery=delivery.state if delivery else DeliveryState.PENDING,
        attempts=delivery.attempts if delivery else 0,
        delivered_at=delivery.delivered_at if delivery else None,
        trouble=None if delivered else trouble,
        instead=[(m["instead_of"], m["code"]) for m in measures if m.get("instead_of")],
        undoing=undoing and order.execution not in TAKEN_BACK,
        reminded_at=order.reminded_at,
        escalated_at=order.escalated_at,
        chased_at=order.chased_at,
        chased_note=order.chased_note,
    )


def _undone_by_another() -> ColumnElement[bool]:
    """Whether a revocation or a newer order names this one."""
    other = aliased(Order)
    return exists().where(or_(other.revokes_id == Order.id, other.supersedes_id == Order.id))


def _appeals(session: Session, decision_ids: list[int]) -> dict[int, list[AppealLine]]:
    outcome = aliased(Decision)
    rows = session.execute(
        select(Appeal, Order.decision_id, Order.public_id, Platform.name, User.name, outcome)
        .join(Order, Order.id == Appeal.order_id)
        .join(Platform, Platform.id == Appeal.platform_id)
        .outerjoin(User, User.id == Appeal.decided_by_id)
        .outerjoin(outcome, outcome.id == Appeal.outcome_id)
        .where(Order.decision_id.in_(decision_ids))
        .order_by(Appeal.id)
    )
    found: dict[int, list[AppealLine]] = defaultdict(list)
    for a, decision_id, order, platform, by, answer in rows:
        found[decision_id].append(
            AppealLine(
                a.id, platform, order, a.external_id, a.state, a.reason, a.filed_at, a.stayed_at,
                a.decided_at, by, a.decided_because, answer.version if answer else None,
            )
        )  # fmt: skip
    return found
