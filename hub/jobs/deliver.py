"""Bell `deliver`: send what is due until nothing is, many platforms side by side."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import structlog

from hub import bell
from hub.database import patiently, session_scope
from hub.services import delivery
from hub.services.delivery import LEASE_SECONDS, Parcel

log = structlog.get_logger()
THREADS = 16
LOOK_AGAIN = 0.2  # seconds between looks at the outbox while attempts are under way


def drain(key: str | None = None) -> int:
    """Send what is due; returns how many attempts were made.

    While a slow endpoint holds its thread, the others' new deliveries are still picked up.
    """
    bell.answered("deliver", key)
    attempts, under_way = 0, set[Future[None]]()
    while True:
        with session_scope() as session:
            parcels = delivery.lease(session, THREADS - len(under_way))
        for parcel in parcels:
            attempt = _pool().submit(_attempt, parcel)
            attempt.add_done_callback(lambda _: bell.heard("deliver").set())
            under_way.add(attempt)
        attempts += len(parcels)
        if not under_way:
            return attempts
        under_way = _wait(under_way)


def _wait(under_way: set[Future[None]]) -> set[Future[None]]:
    """Until an attempt is over, the bell rings, or LOOK_AGAIN; returns what is under way still."""
    something = bell.heard("deliver")
    something.wait(LOOK_AGAIN)
    something.clear()  # before the looks that follow: what happens from now on is heard again
    return {attempt for attempt in under_way if not attempt.done()}


@cache
def _pool() -> ThreadPoolExecutor:
    """Kept between jobs: one whose platform hangs must not end with its job."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="deliver")


def _attempt(parcel: Parcel) -> None:
    outcome = delivery.send(parcel)
    try:
        written = patiently(lambda s: delivery.finish(s, parcel, outcome), LEASE_SECONDS)
    except Exception:  # the lease runs out and the sweeper wakes the row
        log.exception("attempt_not_written", delivery=parcel.id)
        return
    if not written:
        log.warning("stale_lease", delivery=parcel.id)
