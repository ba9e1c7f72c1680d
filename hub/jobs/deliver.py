"""Queue `deliver`: send due deliveries until there are none, many platforms in parallel.

Three kinds of threads: the job's own leases, a pool sends, and one records the outcomes of the
attempts, all since its last transaction in one.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import structlog

from hub import job_queue
from hub.database import patiently, session_scope
from hub.services.platforms import delivery, delivery_leases
from hub.services.platforms.delivery import Done
from hub.services.platforms.delivery_leases import LEASE_SECONDS, Parcel

log = structlog.get_logger()
THREADS = 16
POLL = 0.2  # seconds between polls of the outbox while attempts are under way
LOT = 16  # deliveries that one sender leases at most
LOT_SECONDS = 0.5  # and no more than its platform answers in this time, at its last pace

_pace: dict[int, float] = {}  # platform -> seconds its last answer took
_done: deque[Done] = deque()  # not yet recorded


def drain(key: str | None = None) -> int:
    """Send what is due; returns how many attempts were made.

    While a slow endpoint holds its thread, the others' new deliveries are still picked up.
    """
    job_queue.acknowledge("deliver", key)
    attempts = 0
    under_way: dict[Future[int], int] = {}  # -> platform
    while True:
        if not under_way:
            _writer().submit(_write).result()  # what is not recorded yet still looks leased
        room, busy = THREADS - len(under_way), Counter(under_way.values())
        with session_scope() as session:
            lots = delivery_leases.lease(session, room, _lots(), busy)
        for lot in lots:
            sending = _pool().submit(_send, lot)
            sending.add_done_callback(lambda _: job_queue.notified("deliver").set())
            under_way[sending] = lot[0].platform_id
        if not under_way:
            return attempts
        _wait()
        attempts += sum(sending.result() for sending in under_way if sending.done())
        under_way = {sending: id_ for sending, id_ in under_way.items() if not sending.done()}


def _lots() -> dict[int, int]:
    return {id_: max(1, min(LOT, int(LOT_SECONDS / pace))) for id_, pace in _pace.items()}


def _wait() -> None:
    """Until a sender is free, a notification arrives, or POLL has passed."""
    something = job_queue.notified("deliver")
    something.wait(POLL)
    something.clear()  # before the next poll: later notifications set it again


@cache
def _pool() -> ThreadPoolExecutor:
    """Kept between jobs: a sender whose platform hangs outlives its job."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="deliver")


@cache
def _writer() -> ThreadPoolExecutor:
    """One thread, so that what arrives while it commits is its next transaction."""
    return ThreadPoolExecutor(1, thread_name_prefix="deliver-write")


def _send(lot: Sequence[Parcel]) -> int:
    """Send one platform's deliveries in sequence; returns how many were attempted.

    Ends early when the platform fails or has become slow: the rest is given back before its lease
    expires.
    """
    until, sent = time.monotonic() + 2 * LOT_SECONDS, 0
    for parcel in lot:
        outcome = delivery.send(parcel)
        sent += 1
        _done.append((parcel, outcome))
        _writer().submit(_write)
        if not outcome.delivered or time.monotonic() > until:
            break
    _pace[lot[0].platform_id] = max(outcome.milliseconds, 1) / 1000 if outcome.delivered else 60.0
    if rest := lot[sent:]:
        try:
            patiently(lambda session: delivery_leases.give_back(session, rest), LEASE_SECONDS)
        except Exception:  # the leases expire and the sweeper releases the rows
            log.exception("not_given_back", deliveries=len(rest))
    return sent


def _write() -> None:
    """Record all outcomes so far."""
    done = [_done.popleft() for _ in range(len(_done))]
    if done:
        _record(done, time.monotonic() + LEASE_SECONDS)


def _record(done: Sequence[Done], until: float) -> None:
    """In one transaction; if that fails, one by one, so that a bad answer blocks no other."""
    try:
        written = patiently(lambda s: delivery.finish(s, done), until - time.monotonic())
    except Exception:
        if len(done) > 1:
            for each in done:
                _record([each], until)
        else:  # the lease expires and the sweeper releases the row
            log.exception("attempt_not_written", delivery=done[0][0].id)
        return
    for parcel, _ in done:
        if parcel.id not in written:
            log.warning("stale_lease", delivery=parcel.id)
