"""What a platform's own engineers see: their messages both ways, their keys, their endpoint.

Every query here is filtered by the platform's id, so nothing of another platform can appear.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from hub.problems import not_found
from hub.services.platforms import keys
from models import Attempt, Delivery, InboundMessage, Order, Platform, PlatformKey

PAGE = 50
_SHOWN = 20_000  # characters of a body on a page


@dataclass(frozen=True)
class Health:
    """Delivery attempts of the last 24 hours."""

    attempts: int
    good: int
    typical: int | None  # median response time, milliseconds
    slow: int | None  # 95th percentile, milliseconds

    @property
    def share(self) -> str:
        """Percentage of attempts that got a 2xx."""
        return f"{100 * self.good / self.attempts:.1f}%" if self.attempts else "—"


@dataclass(frozen=True)
class KeyLine:
    """A valid key; `public` is the part that may be shown."""

    purpose: str
    public: str
    created_at: datetime
    valid_until: datetime | None


@dataclass(frozen=True)
class SentMessage:
    """One message of the hub to the platform, with its bytes and every attempt."""

    delivery: Delivery
    order: str | None
    body: str
    attempts: list[Attempt]


@dataclass(frozen=True)
class Received:
    """One message of the platform to the hub, and the response."""

    id: int
    webhook_id: str
    type: str | None
    status: int
    received_at: datetime
    receipt: str
    answer: dict[str, Any]
    body: str = ""

    @property
    def detail(self) -> str:
        """Why it was refused."""
        return str(self.answer.get("detail") or "")


def health(session: Session, platform_id: int) -> Health:
    """Statistics of the last 24 hours' attempts."""
    took = func.percentile_cont
    good = Attempt.status.between(200, 299)
    row = session.execute(
        select(
            func.count(),
            func.count().filter(good),
            took(0.5).within_group(Attempt.milliseconds).filter(Attempt.status.is_not(None)),
            took(0.95).within_group(Attempt.milliseconds).filter(Attempt.status.is_not(None)),
        )
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(
            Delivery.platform_id == platform_id, Attempt.at > func.now() - text("interval '1 day'")
        )
    ).one()
    typical, slow = (None if value is None else round(value) for value in row[2:])
    return Health(row[0], row[1], typical, slow)


def keys_in_force(session: Session, platform: Platform) -> list[KeyLine]:
    """Keys that are valid now; of secrets only their existence is shown."""
    purposes = ("inbound_hmac", keys.REGISTERED, "bearer", keys.outbound_purpose(platform))
    shown = {"outbound_ed25519", keys.REGISTERED}
    found = session.scalars(
        keys.valid(platform.id, purposes)
        .order_by(None)
        .order_by(PlatformKey.purpose, PlatformKey.id.desc())
    )
    return [
        KeyLine(k.purpose, (k.public or "") if k.purpose in shown else "", k.created_at,
                k.valid_until)
        for k in found
    ]  # fmt: skip


def sent(session: Session, platform_id: int, delivery_id: int) -> SentMessage:
    """One message to this platform. Raises Problem 404, also for another platform's."""
    row = session.execute(
        select(Delivery, Order.public_id)
        .outerjoin(Order, Order.id == Delivery.order_id)
        .where(Delivery.id == delivery_id, Delivery.platform_id == platform_id)
    ).one_or_none()
    if row is None:
        raise not_found("没有这条投递。")
    tries = session.scalars(
        select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number)
    )
    return SentMessage(row[0], row[1], _readable(row[0].body), list(tries))


def messages(
    session: Session, platform_id: int, refused: bool, page: int
) -> tuple[list[Received], bool]:
    """One page of what came from this platform, newest first, and whether there is more."""
    query = _received().where(InboundMessage.platform_id == platform_id)
    if refused:
        query = query.where(InboundMessage.status >= 400)
    rows = session.execute(
        query.order_by(InboundMessage.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    ).all()
    return [Received(*row) for row in rows[:PAGE]], len(rows) > PAGE


def message(session: Session, platform_id: int, message_id: int) -> Received:
    """One message of this platform with its bytes. Raises Problem 404."""
    row = session.execute(
        _received(InboundMessage.sealed, InboundMessage.raw).where(
            InboundMessage.id == message_id, InboundMessage.platform_id == platform_id
        )
    ).one_or_none()
    if row is None:
        raise not_found("没有这条来文。")
    body = "原文含个人号码，已加密保存，不在页面显示。" if row.sealed else _readable(row.raw)
    return replace(Received(*row[:-2]), body=body)


def _received(*more: Any) -> Select[Any]:
    m = InboundMessage
    return select(m.id, m.webhook_id, m.type, m.status, m.received_at, m.receipt, m.answer, *more)


def _readable(raw: bytes) -> str:
    """A body as indented JSON; anything else unchanged."""
    given = bytes(raw).decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        given = json.dumps(json.loads(given), ensure_ascii=False, indent=2)
    return given if len(given) <= _SHOWN else given[:_SHOWN] + "\n……"
