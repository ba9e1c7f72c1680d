"""Delivery 投递: due outbox rows are leased, sent with a fresh signature, and written down.

Same three steps as assessment: lease (transaction), send (no lock held), finish (transaction,
fenced by the lease's epoch). A crash anywhere leaves a row that the sweeper wakes; the
receiver knows the webhook id and acts once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import urllib3
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from hub.config import settings
from hub.database import CHANGING, changed
from hub.outbound import backoff, client, signing
from hub.services import keys
from models import Attempt, Delivery, Platform

LEASE_SECONDS = 30  # twice the deadline of an attempt
PER_PLATFORM = 4  # attempts at one platform at a time; one when it fails
_DUE = Delivery.state.in_(("PENDING", "WAIT"))


@dataclass(frozen=True)
class Parcel:
    """One delivery in this worker's hands, with all that sending needs."""

    id: int
    epoch: int
    attempts: int
    platform_id: int
    url: str
    webhook_id: str
    body: bytes
    scheme: str
    private: tuple[str, ...]
    age: float  # seconds since it was written


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. `status` None: no complete HTTP answer."""

    status: int | None
    error: str | None
    reply: str | None
    milliseconds: int
    retry_after: float | None = None
    blocked: bool = False

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def lease(session: Session, room: int) -> list[Parcel]:
    """Take up to `room` due deliveries, fairly: no platform gets more than its share, and one
    that fails gets one attempt at a time, so that a dead endpoint slows nobody else."""
    parcels: list[Parcel] = []
    for platform, free in _platforms_with_room(session):
        if len(parcels) >= room:
            break
        parcels += _lease_of(session, platform, min(free, room - len(parcels)))
    return parcels


def _platforms_with_room(session: Session) -> list[tuple[Platform, int]]:
    due = select(Delivery.platform_id).where(_DUE, Delivery.next_at <= func.now()).distinct()
    leased = (
        select(Delivery.platform_id, func.count().label("n"))
        .where(Delivery.state == "LEASED")
        .group_by(Delivery.platform_id)
        .subquery()
    )
    rows = session.execute(
        select(Platform, func.coalesce(leased.c.n, 0))
        .outerjoin(leased, leased.c.platform_id == Platform.id)
        .where(Platform.id.in_(due), Platform.paused_because.is_(None))
    ).all()
    found = [(p, (1 if p.failures else PER_PLATFORM) - n) for p, n in rows]
    return [(p, free) for p, free in found if free > 0]


def _lease_of(session: Session, platform: Platform, limit: int) -> list[Parcel]:
    waiting = (
        select(Delivery.id)
        .where(_DUE, Delivery.platform_id == platform.id, Delivery.next_at <= func.now())
        .order_by(Delivery.next_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, **CHANGING)
    )
    rows = session.execute(
        update(Delivery)
        .where(Delivery.id.in_(waiting.scalar_subquery()))
        .values(
            state="LEASED",
            epoch=Delivery.epoch + 1,
            lease_until=func.now() + text(f"interval '{LEASE_SECONDS} seconds'"),
        )
        .returning(
            Delivery.id,
            Delivery.epoch,
            Delivery.attempts,
            Delivery.webhook_id,
            Delivery.body,
            func.extract("epoch", func.now() - Delivery.created_at).label("age"),
        )
        .execution_options(synchronize_session=False)
    ).all()
    if not rows:
        return []
    scheme, private = keys.outbound_keys(session, platform)
    return [
        Parcel(
            r.id, r.epoch, r.attempts, platform.id, platform.endpoint, r.webhook_id,
            bytes(r.body), scheme, private, float(r.age),
        )
        for r in rows
    ]  # fmt: skip


def send(parcel: Parcel) -> Outcome:
    """One attempt over HTTP, signed now. Never raises; holds no transaction."""
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": parcel.webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": _signature(parcel, timestamp),
    }
    began = time.monotonic()
    try:
        reply = client.post(parcel.url, parcel.body, headers, settings().outbound_allow)
    except client.Blocked as error:
        return Outcome(None, f"blocked: {error}", None, _since(began), blocked=True)
    except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
        return Outcome(None, f"{type(error).__name__}: {error}"[:500], None, _since(began))
    except Exception as error:  # http.client raises its own family on nonsense answers
        return Outcome(None, f"bad answer: {type(error).__name__}"[:500], None, _since(began))
    return Outcome(reply.status, None, reply.body, reply.milliseconds, reply.retry_after)


def _signature(parcel: Parcel, timestamp: str) -> str:
    sign = signing.sign_v1 if parcel.scheme == "v1" else signing.sign_v1a
    return " ".join(
        sign(private, parcel.webhook_id, timestamp, parcel.body) for private in parcel.private
    )


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def finish(session: Session, parcel: Parcel, outcome: Outcome) -> bool:
    """Write the attempt and the delivery's next state. False (and nothing written) when the
    lease was given to another meanwhile."""
    state, wait = _next_state(parcel, outcome)
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.id == parcel.id, Delivery.epoch == parcel.epoch, Delivery.state == "LEASED")
        .values(
            state=state,
            attempts=parcel.attempts + 1,
            lease_until=None,
            next_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, wait),
            # What once arrived has arrived, however sending it again goes.
            delivered_at=func.coalesce(
                Delivery.delivered_at, func.clock_timestamp() if state == "DELIVERED" else None
            ),
        ),
    )
    if n == 0:
        return False
    session.add(
        Attempt(
            delivery_id=parcel.id,
            number=parcel.attempts + 1,
            status=outcome.status,
            error=outcome.error,
            reply=(outcome.reply or "")[:4000] or None,
            milliseconds=outcome.milliseconds,
        )
    )
    _note_health(session, parcel.platform_id, outcome)
    return True


def _next_state(parcel: Parcel, outcome: Outcome) -> tuple[str, float]:
    if outcome.delivered:
        return "DELIVERED", 0.0
    if outcome.blocked or outcome.status == 410:
        return "BLOCKED", 0.0
    if parcel.age > backoff.GIVE_UP_AFTER:
        return "DEAD_LETTER", 0.0
    return "WAIT", backoff.delay(parcel.attempts + 1, outcome.retry_after)


def _note_health(session: Session, platform_id: int, outcome: Outcome) -> None:
    change: dict[str, object] = {}
    where = [Platform.id == platform_id]
    if outcome.delivered:
        change["failures"] = 0
        where.append(Platform.failures > 0)
    else:
        change["failures"] = Platform.failures + 1
        if outcome.status == 410:
            change["paused_because"] = "the endpoint answered 410 Gone"
        elif outcome.blocked:
            change["paused_because"] = outcome.error
    session.execute(
        update(Platform).where(*where).values(**change).execution_options(synchronize_session=False)
    )


def take_back_expired(session: Session) -> int:
    """Deliveries whose sender died are due again at once. Returns how many."""
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.state == "LEASED", Delivery.lease_until < func.now())
        .values(state="WAIT", next_at=func.now(), lease_until=None),
    )
    return n


def resend(session: Session, delivery_id: int) -> bool:
    """A person sends a blocked or dead delivery again, under the same webhook id."""
    return _again(session, delivery_id, ("BLOCKED", "DEAD_LETTER", "WAIT"))


def replay(session: Session, delivery_id: int) -> bool:
    """A platform asks for a message again, also one it got: same bytes, same webhook id."""
    return _again(session, delivery_id, ("BLOCKED", "DEAD_LETTER", "WAIT", "DELIVERED"))


def _again(session: Session, delivery_id: int, states: tuple[str, ...]) -> bool:
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(states))
        .values(state="PENDING", next_at=func.now()),
    )
    return n == 1


def resume(session: Session, platform: Platform) -> int:
    """A person has mended the endpoint: what was blocked is due again. Returns how many."""
    platform.paused_because, platform.failures = None, 0
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.platform_id == platform.id, Delivery.state == "BLOCKED")
        .values(state="PENDING", next_at=func.now()),
    )
    return n
