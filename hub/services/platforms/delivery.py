"""Delivery 投递: due outbox rows are leased, sent with a fresh signature, and recorded.

The same three steps as assessment: lease (transaction), send (no lock held), finish (transaction,
fenced by the lease's epoch). A crash anywhere leaves a row that the sweeper makes due again; the
receiver recognises the webhook id and acts once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import urllib3
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from hub.config import settings
from hub.database import changed
from hub.outbound import backoff, client, signing
from hub.services.platforms.delivery_leases import Parcel
from models import Delivery, Platform
from models.states import RESENDABLE, DeliveryState


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt. `status` None: no complete HTTP response."""

    status: int | None
    error: str | None
    reply: str | None
    milliseconds: int
    retry_after: float | None = None
    blocked: bool = False

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


Done = tuple[Parcel, Outcome]


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
    except Exception as error:  # http.client has exceptions of its own for malformed responses
        return Outcome(None, f"bad answer: {type(error).__name__}"[:500], None, _since(began))
    return Outcome(reply.status, None, reply.body, reply.milliseconds, reply.retry_after)


def _signature(parcel: Parcel, timestamp: str) -> str:
    sign = signing.sign_v1 if parcel.scheme == "v1" else signing.sign_v1a
    return " ".join(
        sign(private, parcel.webhook_id, timestamp, parcel.body) for private in parcel.private
    )


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


# Fenced by id and epoch together; rows are locked in one order, so that two writers never
# deadlock.
_FINISH = text(
    f"""
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:ids AS bigint[]), CAST(:epochs AS int[]), CAST(:states AS text[]),
            CAST(:waits AS float8[]), CAST(:statuses AS int[]), CAST(:errors AS text[]),
            CAST(:replies AS text[]), CAST(:milliseconds AS int[])
        ) AS t (id, epoch, state, wait, status, error, reply, milliseconds)
    ), ours AS MATERIALIZED (
        SELECT id FROM delivery
        WHERE id = ANY (CAST(:ids AS bigint[])) AND state = '{DeliveryState.LEASED}'
        ORDER BY id FOR NO KEY UPDATE
    ), written AS (
        UPDATE delivery AS d
        SET state = told.state, attempts = d.attempts + 1, lease_until = NULL,
            next_at = now() + make_interval(secs => told.wait),
            -- What once arrived has arrived, however sending it again goes.
            delivered_at = coalesce(d.delivered_at, CASE told.state
                                    WHEN '{DeliveryState.DELIVERED}' THEN clock_timestamp() END)
        FROM told
        WHERE d.id = ANY (ARRAY(SELECT id FROM ours)) AND d.id = told.id
              AND d.epoch = told.epoch AND d.state = '{DeliveryState.LEASED}'
        RETURNING d.id, d.epoch, d.attempts
    )
    INSERT INTO attempt (delivery_id, number, status, error, reply, milliseconds)
    SELECT w.id, w.attempts, t.status, t.error, t.reply, t.milliseconds
    FROM written AS w JOIN told AS t USING (id, epoch)
    RETURNING delivery_id
    """
)


def finish(session: Session, done: Sequence[Done]) -> set[int]:
    """Write the attempts and the deliveries' next states, all at once. Returns the ids written;
    deliveries whose lease was given to another meanwhile are left alone."""
    states = [_next_state(parcel, outcome) for parcel, outcome in done]
    values = {
        "ids": [parcel.id for parcel, _ in done],
        "epochs": [parcel.epoch for parcel, _ in done],
        "states": [state for state, _ in states],
        "waits": [wait for _, wait in states],
        "statuses": [outcome.status for _, outcome in done],
        "errors": [outcome.error for _, outcome in done],
        "replies": [(outcome.reply or "")[:4000] or None for _, outcome in done],
        "milliseconds": [outcome.milliseconds for _, outcome in done],
    }
    written = set(session.scalars(_FINISH, values))
    _note_health(session, [each for each in done if each[0].id in written])
    return written


def _next_state(parcel: Parcel, outcome: Outcome) -> tuple[str, float]:
    if outcome.delivered:
        return DeliveryState.DELIVERED, 0.0
    if outcome.blocked or outcome.status == 410:
        return DeliveryState.BLOCKED, 0.0
    if parcel.age > backoff.GIVE_UP_AFTER:
        return DeliveryState.DEAD_LETTER, 0.0
    return DeliveryState.WAIT, backoff.delay(parcel.attempts + 1, outcome.retry_after)


def _note_health(session: Session, done: Sequence[Done]) -> None:
    """Count consecutive failures, and pause endpoints that a person has to check. A platform's
    row changes only when its health does; rows are locked in the common order of ids."""
    ids = {parcel.platform_id for parcel, _ in done}
    found = select(Platform.id, Platform.failures).where(Platform.id.in_(ids)).order_by(Platform.id)
    for id_, failures in session.execute(found).all():
        outcomes = [outcome for parcel, outcome in done if parcel.platform_id == id_]
        since = list(takewhile(lambda outcome: not outcome.delivered, reversed(outcomes)))
        change: dict[str, object] = {}
        if since:
            change["failures"] = len(since) + (
                Platform.failures if len(since) == len(outcomes) else 0
            )
        elif failures:
            change["failures"] = 0
        why = [reason for outcome in outcomes if (reason := _why_paused(outcome))]
        if why:
            change["paused_because"] = why[-1]
        if change:
            changed(session, update(Platform).where(Platform.id == id_).values(**change))


def _why_paused(outcome: Outcome) -> str | None:
    if outcome.status == 410:
        return "the endpoint answered 410 Gone"
    return outcome.error if outcome.blocked else None


def resend(session: Session, delivery_id: int) -> bool:
    """Make a blocked or dead delivery due again, as a person asked; the webhook id stays."""
    return _make_due(session, delivery_id, RESENDABLE)


def replay(session: Session, delivery_id: int) -> bool:
    """Send a message again at a platform's request, even a delivered one: same bytes and id."""
    return _make_due(session, delivery_id, (*RESENDABLE, DeliveryState.DELIVERED))


def _make_due(session: Session, delivery_id: int, states: tuple[str, ...]) -> bool:
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(states))
        .values(state=DeliveryState.PENDING, next_at=func.now()),
    )
    return n == 1


def resume(session: Session, platform: Platform) -> int:
    """A person has repaired the endpoint: blocked deliveries are due again. Returns how many."""
    platform.paused_because, platform.failures = None, 0
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.platform_id == platform.id, Delivery.state == DeliveryState.BLOCKED)
        .values(state=DeliveryState.PENDING, next_at=func.now()),
    )
    return n
