"""What administrators and auditors see: platforms and deliveries, people, the log, quarantine."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.problems import not_found
from hub.services import audit
from hub.services.desk.queue import platform_names
from hub.services.desk.timeline import Event, event, people_of
from models import (
    Attempt,
    AuditEntry,
    Delivery,
    InboundMessage,
    Order,
    Platform,
    Report,
    SecurityEvent,
    User,
)

PAGE = 50
RESENDABLE = ("BLOCKED", "DEAD_LETTER", "WAIT")
_WAITING = ("PENDING", "LEASED", "WAIT")
_STUCK = ("BLOCKED", "DEAD_LETTER")


@dataclass(frozen=True)
class PlatformLine:
    """One platform and how sending to it goes."""

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


@dataclass(frozen=True)
class Held:
    """A report five failures put aside."""

    id: int
    platform: str
    external_id: str
    text: str
    error: str | None
    received_at: datetime


@dataclass(frozen=True)
class Refused:
    """A signed message that was refused, with the answer it got."""

    id: int
    platform: str
    webhook_id: str
    type: str | None
    status: int
    detail: str
    errors: list[dict[str, Any]]
    received_at: datetime


@dataclass(frozen=True)
class Alarm:
    """A security event at the door."""

    platform: str
    kind: str
    detail: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class LogLine:
    """One audit entry."""

    id: int
    case_id: int | None
    event: Event
    hash: str


def platforms(session: Session) -> list[PlatformLine]:
    """Every platform, in the order they joined."""
    state = Delivery.state
    tally = (
        select(
            Delivery.platform_id,
            func.count().filter(state.in_(_WAITING)).label("waiting"),
            func.count().filter(state.in_(_STUCK)).label("stuck"),
            func.count().filter(state == "DELIVERED").label("delivered"),
            func.max(Delivery.delivered_at).label("last"),
        )
        .group_by(Delivery.platform_id)
        .subquery()
    )
    heard = (
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
            heard.c.last,
        )
        .outerjoin(tally, tally.c.platform_id == Platform.id)
        .outerjoin(heard, heard.c.platform_id == Platform.id)
        .order_by(Platform.id)
    )
    return [
        PlatformLine(
            p.slug, p.name, p.endpoint, p.active, p.paused_because, p.failures,
            p.signature_scheme, waiting, stuck, delivered, last, received,
        )
        for p, waiting, stuck, delivered, last, received in rows
    ]  # fmt: skip


def platform(session: Session, slug: str) -> PlatformLine:
    """One platform. Raises Problem 404."""
    for line in platforms(session):
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


def platform_of_delivery(session: Session, delivery_id: int) -> str:
    """Whose delivery it is. Raises Problem 404."""
    slug = session.scalar(
        select(Platform.slug)
        .join(Delivery, Delivery.platform_id == Platform.id)
        .where(Delivery.id == delivery_id)
    )
    if slug is None:
        raise not_found("没有这条投递。")
    return slug


def users(session: Session) -> list[User]:
    """Every officer."""
    return list(session.scalars(select(User).order_by(User.active.desc(), User.username)))


def held(session: Session) -> list[Held]:
    """Quarantined reports, newest first."""
    rows = session.scalars(
        select(Report)
        .where(Report.state == "QUARANTINED")
        .order_by(Report.id.desc())
        .limit(PAGE * 2)
    )
    return [
        Held(r.id, r.platform.name, r.external_id, r.text[:300], r.last_error, r.received_at)
        for r in rows
    ]


def refused(session: Session) -> list[Refused]:
    """Signed messages that were refused, newest first."""
    rows = session.execute(
        select(
            InboundMessage.id,
            Platform.name,
            InboundMessage.webhook_id,
            InboundMessage.type,
            InboundMessage.status,
            InboundMessage.answer,
            InboundMessage.received_at,
        )
        .join(Platform, Platform.id == InboundMessage.platform_id)
        .where(InboundMessage.status >= 400)
        .order_by(InboundMessage.id.desc())
        .limit(PAGE * 2)
    )
    return [
        Refused(
            r.id, r.name, r.webhook_id, r.type, r.status,
            str(r.answer.get("detail") or ""), r.answer.get("errors") or [], r.received_at,
        )
        for r in rows
    ]  # fmt: skip


def alarms(session: Session) -> list[Alarm]:
    """Security events at the door, newest first."""
    names = platform_names(session)
    rows = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(PAGE * 2))
    return [
        Alarm(names.get(e.platform_slug or "", e.platform_slug or "—"), e.kind, e.detail, e.at)
        for e in rows
    ]


def log(
    session: Session, case_id: int | None = None, actor: str = "", page: int = 1
) -> tuple[list[LogLine], bool]:
    """One page of the audit log, newest first, and whether there are more."""
    query = (
        select(AuditEntry).order_by(AuditEntry.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    )
    if case_id is not None:
        query = query.where(AuditEntry.case_id == case_id)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    entries = session.scalars(query).all()
    people, names = people_of(session, entries), platform_names(session)
    lines = [
        LogLine(e.id, e.case_id, event(e, people, names), e.hash.hex()[:16]) for e in entries[:PAGE]
    ]
    return lines, len(entries) > PAGE


def chain(session: Session) -> tuple[int, int | None]:
    """(entries of the audit log that hold, the first that does not)."""
    return audit.verify(session)


def waiting(session: Session) -> dict[str, int]:
    """What waits at each stage, for a probe."""
    reports = select(func.count()).where(Report.state.in_(("RECEIVED", "PROCESSING")))
    to_send = select(func.count()).where(Delivery.state.in_(_WAITING))
    stuck = select(func.count()).where(Delivery.state.in_(_STUCK))
    row = session.execute(
        select(reports.scalar_subquery(), to_send.scalar_subquery(), stuck.scalar_subquery())
    ).one()
    return dict(
        zip(("reports_waiting", "deliveries_waiting", "deliveries_stuck"), row, strict=True)
    )
