"""Platforms and the deliveries to them, for administrators and auditors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.problems import not_found
from models import Attempt, Delivery, InboundMessage, Order, Platform
from models.states import ON_THE_WAY, RESENDABLE, STUCK, DeliveryState

PAGE = 50


@dataclass(frozen=True)
class PlatformLine:
    """One platform and the state of its deliveries."""

    slug: str
    name: str
    endpoint: str
    active: bool
    paused_because: str | None
    failures: int
    scheme: str
    waiting: int
    stuck: int
    delivered: int
    last_delivered: datetime | None
    last_received: datetime | None
    kind: str
    capabilities: list[str]
    capabilities_at: datetime | None


@dataclass(frozen=True)
class DeliveryLine:
    """One message to a platform with every attempt."""

    id: int
    webhook_id: str
    type: str
    state: str
    order: str | None
    created_at: datetime
    next_at: datetime
    delivered_at: datetime | None
    attempts: list[Attempt]

    @property
    def resendable(self) -> bool:
        return self.state in RESENDABLE


def every(session: Session) -> list[PlatformLine]:
    """Every platform, in the order they joined."""
    state = Delivery.state
    tally = (
        select(
            Delivery.platform_id,
            func.count().filter(state.in_(ON_THE_WAY)).label("waiting"),
            func.count().filter(state.in_(STUCK)).label("stuck"),
            func.count().filter(state == DeliveryState.DELIVERED).label("delivered"),
            func.max(Delivery.delivered_at).label("last"),
        )
        .group_by(Delivery.platform_id)
        .subquery()
    )
    received = (
        select(InboundMessage.platform_id, func.max(InboundMessage.received_at).label("last"))
        .group_by(InboundMessage.platform_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Platform,
            func.coalesce(tally.c.waiting, 0),
            func.coalesce(tally.c.stuck, 0),
            func.coalesce(tally.c.delivered, 0),
            tally.c.last,
            received.c.last,
        )
        .outerjoin(tally, tally.c.platform_id == Platform.id)
        .outerjoin(received, received.c.platform_id == Platform.id)
        .order_by(Platform.id)
    )
    return [
        PlatformLine(
            p.slug, p.name, p.endpoint, p.active, p.paused_because, p.failures,
            p.signature_scheme, waiting, stuck, delivered, last, last_received,
            p.kind, p.capabilities or [], p.capabilities_at,
        )
        for p, waiting, stuck, delivered, last, last_received in rows
    ]  # fmt: skip


def names(session: Session) -> dict[int, tuple[str, str]]:
    """(slug, name) of every platform by its id."""
    rows = session.execute(select(Platform.id, Platform.slug, Platform.name).order_by(Platform.id))
    return {id_: (slug, name) for id_, slug, name in rows}


def one(session: Session, slug: str) -> PlatformLine:
    """One platform. Raises Problem 404."""
    for line in every(session):
        if line.slug == slug:
            return line
    raise not_found("没有这个平台。")


def deliveries(
    session: Session, slug: str, state: str = "", page: int = 1
) -> tuple[list[DeliveryLine], bool]:
    """One page of a platform's deliveries, newest first, and whether there are more."""
    query = (
        select(Delivery, Order.public_id)
        .join(Platform, Platform.id == Delivery.platform_id)
        .outerjoin(Order, Order.id == Delivery.order_id)
        .where(Platform.slug == slug)
        .order_by(Delivery.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    if state:
        query = query.where(Delivery.state == state)
    rows = session.execute(query).all()
    tries: dict[int, list[Attempt]] = defaultdict(list)
    ids = [d.id for d, _ in rows]
    for attempt in session.scalars(
        select(Attempt).where(Attempt.delivery_id.in_(ids)).order_by(Attempt.number)
    ):
        tries[attempt.delivery_id].append(attempt)
    lines = [
        DeliveryLine(
            d.id, d.webhook_id, d.type, d.state, order, d.created_at, d.next_at,
            d.delivered_at, tries[d.id],
        )
        for d, order in rows[:PAGE]
    ]  # fmt: skip
    return lines, len(rows) > PAGE


def platform_of(session: Session, delivery_id: int) -> str:
    """The slug of the platform a delivery goes to. Raises Problem 404."""
    slug = session.scalar(
        select(Platform.slug)
        .join(Delivery, Delivery.platform_id == Platform.id)
        .where(Delivery.id == delivery_id)
    )
    if slug is None:
        raise not_found("没有这条投递。")
    return slug
