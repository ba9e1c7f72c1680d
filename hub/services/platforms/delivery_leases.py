"""Leases of deliveries: due ones are leased to a worker, fairly between the platforms.

A lease is a row's state, its epoch and an end in database time. Whoever updates a leased delivery
must name its epoch; an expired lease is taken back and its delivery due again.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from hub.database import changed, inline
from hub.services.platforms import keys
from models import Delivery, Platform
from models.states import TO_SEND, DeliveryState, in_sql

LEASE_SECONDS = 30  # twice the deadline of an attempt
PER_PLATFORM = 4  # senders for one platform at a time; one when it fails
_DUE = Delivery.state.in_([inline(state) for state in TO_SEND])


@dataclass(frozen=True)
class Parcel:
    """One delivery leased by this worker, with everything needed to send it."""

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


def lease(
    session: Session,
    room: int,
    lots: Mapping[int, int] | None = None,
    busy: Mapping[int, int] | None = None,
) -> list[list[Parcel]]:
    """Take due deliveries for `room` senders, fairly, each platform's oldest first; returns a
    lot for each sender, of one platform.

    No platform gets more than PER_PLATFORM senders, and one that fails gets one delivery at a
    time, so that a dead endpoint slows nobody else. `lots`: by platform id, how many deliveries
    one sender may hold; 1 by default. `busy`: by platform id, how many senders of
    this worker it already has; the platform with the fewest comes first.
    """
    shares = _with_room(session, lots or {}, busy or {})
    senders = _assign_senders(shares, room)
    if not senders:
        return []
    shares = [share for share in shares if share.platform.id in senders]
    limits = [min(senders[s.platform.id] * s.lot, s.deliveries) for s in shares]
    return _deal(_take(session, [share.platform for share in shares], limits), senders)


@dataclass(frozen=True)
class _Share:
    """How many more senders and deliveries one platform may get now."""

    platform: Platform
    lot: int
    senders: int
    deliveries: int


def _assign_senders(shares: Sequence[_Share], room: int) -> Counter[int]:
    """Senders by platform id: one for each platform, then a second one, until `room` are given."""
    turns = [share for n in range(PER_PLATFORM) for share in shares if n < share.senders]
    return Counter(share.platform.id for share in turns[:room])


def _deal(parcels: Mapping[int, list[Parcel]], senders: Counter[int]) -> list[list[Parcel]]:
    """Each platform's parcels divided among its senders; without empty lots."""
    lots = [parcels[id_][n::count] for id_, count in senders.items() for n in range(count)]
    return [lot for lot in lots if lot]


def _with_room(session: Session, lots: Mapping[int, int], busy: Mapping[int, int]) -> list[_Share]:
    """Shares of the platforms to which something is due and that have senders free."""
    due = exists().where(Delivery.platform_id == Platform.id, _DUE, Delivery.next_at <= func.now())
    leased = (
        select(Delivery.platform_id, func.count().label("n"))
        .where(Delivery.state == DeliveryState.LEASED)
        .group_by(Delivery.platform_id)
        .subquery()
    )
    rows = session.execute(
        select(Platform, func.coalesce(leased.c.n, 0))
        .outerjoin(leased, leased.c.platform_id == Platform.id)
        .where(due, Platform.paused_because.is_(None))
        .order_by(Platform.id)
    )
    shares = []
    for platform, n in rows:
        lot = 1 if platform.failures else lots.get(platform.id, 1)
        deliveries = (1 if platform.failures else PER_PLATFORM * lot) - n
        senders = min(PER_PLATFORM - busy.get(platform.id, 0), math.ceil(deliveries / lot))
        shares.append(_Share(platform, lot, senders, deliveries))
    shares = [share for share in shares if share.senders > 0]
    return sorted(shares, key=lambda share: (busy.get(share.platform.id, 0), random.random()))


# The ids are an array, so that the planner uses the primary key however long the table is.
_TAKE = text(
    f"""
    WITH due AS MATERIALIZED (
        SELECT one.id
        FROM unnest(CAST(:platforms AS bigint[]), CAST(:limits AS int[])) AS share (platform_id, n)
        CROSS JOIN LATERAL (
            SELECT id FROM delivery
            WHERE state IN {in_sql(TO_SEND)} AND platform_id = share.platform_id
                  AND next_at <= now()
            ORDER BY next_at, id LIMIT share.n
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS one
    )
    UPDATE delivery
    SET state = '{DeliveryState.LEASED}', epoch = epoch + 1,
        lease_until = now() + make_interval(secs => :seconds)
    WHERE id = ANY (ARRAY(SELECT id FROM due))
    RETURNING id, epoch, attempts, platform_id, webhook_id, body, next_at,
              extract(epoch FROM now() - created_at) AS age
    """
)


def _take(
    session: Session, platforms: list[Platform], limits: list[int]
) -> dict[int, list[Parcel]]:
    """Lease up to `limits` deliveries of each platform, oldest first; by platform id."""
    values = {
        "platforms": [platform.id for platform in platforms],
        "limits": limits,
        "seconds": LEASE_SECONDS,
    }
    rows = sorted(session.execute(_TAKE, values), key=lambda row: (row.next_at, row.id))
    taken: dict[int, list[Parcel]] = {}
    for platform in platforms:
        mine = [row for row in rows if row.platform_id == platform.id]
        signer = keys.outbound_keys(session, platform) if mine else ("", ())
        taken[platform.id] = [
            Parcel(
                row.id, row.epoch, row.attempts, platform.id, platform.endpoint, row.webhook_id,
                bytes(row.body), *signer, float(row.age),
            )
            for row in mine
        ]  # fmt: skip
    return taken


def give_back(session: Session, parcels: Sequence[Parcel]) -> None:
    """Return leases that were not started: the deliveries are due again."""
    leases = tuple_(Delivery.id, Delivery.epoch).in_([(p.id, p.epoch) for p in parcels])
    changed(
        session,
        update(Delivery)
        .where(leases, Delivery.state == DeliveryState.LEASED)
        .values(state=DeliveryState.WAIT, lease_until=None),
    )


def take_back_expired(session: Session) -> int:
    """Deliveries whose sender died are due again at once. Returns how many."""
    n = changed(
        session,
        update(Delivery)
        .where(Delivery.state == DeliveryState.LEASED, Delivery.lease_until < func.now())
        .values(state=DeliveryState.WAIT, next_at=func.now(), lease_until=None),
    )
    return n
