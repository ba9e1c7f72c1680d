"""Rate limits 限速: token buckets shared by all web processes, failing closed.

A bucket holds at most `burst` tokens and refills by `rate` a second. It is a database row, because
intake must work without the queue server and cannot work without the database anyway: no bucket,
no entry (503). A process draws tokens in batches, so that a message costs a fiftieth of a round
trip; once a bucket is empty the process refuses by itself until it has refilled, so that a flood
costs the database nothing.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sqlalchemy import delete, func, text
from sqlalchemy.orm import Session

from hub.database import autocommit, changed
from hub.problems import Problem
from models import Allowance

BATCH = 50.0  # tokens drawn at a time
BYTES = 4096  # of a message that cost one token
FORGET_HOURS = 24  # a bucket unused for so long is full again and need not be kept

_DRAW = text(
    """
    INSERT INTO allowance AS a (name, tokens, granted, at)
    VALUES (:name, CAST(:burst AS float8) - least(:want, :burst), least(:want, :burst),
            clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET (tokens, granted, at) = (
        SELECT f.tokens - f.granted, f.granted, f.at FROM (
            SELECT g.tokens, CASE WHEN g.tokens >= CAST(:need AS float8)
                             THEN least(CAST(:want AS float8), g.tokens) ELSE 0 END AS granted, g.at
            FROM (SELECT least(CAST(:burst AS float8), a.tokens + CAST(:rate AS float8)
                        * extract(epoch FROM clock_timestamp() - a.at)) AS tokens,
                        clock_timestamp() AS at) AS g
        ) AS f
    )
    RETURNING granted, tokens
    """
)


@dataclass
class _LocalBucket:
    """The tokens that this process has drawn from a bucket."""

    tokens: float = 0.0
    closed_until: float = 0.0


_local_buckets: dict[str, _LocalBucket] = {}
_lock = threading.Lock()


def spend(name: str, cost: float, rate: float, burst: float, batch: float = BATCH) -> None:
    """Take `cost` tokens. Raises Problem 429 with Retry-After when there are fewer, and the
    database's errors when it is unavailable."""
    cost = min(cost, burst)  # otherwise a cost beyond the bucket's size could never pass
    with _lock:
        bucket = _local_buckets.setdefault(name, _LocalBucket())
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return
        wait = bucket.closed_until - time.monotonic()
    if wait > 0:
        raise _too_many(wait)
    want = max(cost, min(batch, burst / 4))
    values = {"name": name, "need": cost, "want": want, "rate": rate, "burst": burst}
    with autocommit() as connection:
        granted, left = connection.execute(_DRAW, values).one()
    with _lock:
        if granted >= cost:
            bucket.tokens += granted - cost
            return
        wait = min(max((cost - left) / rate, 0.05), 3600.0) if rate > 0 else 3600.0
        bucket.closed_until = time.monotonic() + wait
    raise _too_many(wait)


def allows(name: str, cost: float, rate: float, burst: float) -> bool:
    """`spend` as a predicate."""
    try:
        spend(name, cost, rate, burst)
    except Problem:
        return False
    return True


def forget() -> None:
    """Drop this process's tokens (tests)."""
    _local_buckets.clear()


def tidy(session: Session) -> int:
    """Drop buckets that are full again. Returns how many."""
    old = func.now() - func.make_interval(0, 0, 0, 0, FORGET_HOURS)
    return changed(session, delete(Allowance).where(Allowance.at < old))


def _too_many(wait: float) -> Problem:
    seconds = max(1, int(wait + 0.999))
    detail = f"Too many requests; come again in {seconds} s. Nothing was stored."
    return Problem(429, "too_many_requests", detail, headers={"Retry-After": str(seconds)})
