"""Retry delays: the delivery policy of the hub."""

from __future__ import annotations

import random

# Seconds after each failed attempt; then every 6 hours.
SCHEDULE = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
EVERY = 6 * 3600
GIVE_UP_AFTER = 7 * 24 * 3600  # seconds after the first attempt; then a person decides
LONGEST_RETRY_AFTER = 24 * 3600


def delay(
    attempts: int, retry_after: float | None = None, rng: random.Random | None = None
) -> float:
    """Seconds to wait after `attempts` failed attempts (1 or more), with full jitter.

    A Retry-After is honoured up to 24 hours and not jittered.
    """
    if retry_after is not None:
        return min(max(retry_after, 1.0), LONGEST_RETRY_AFTER)
    step = SCHEDULE[attempts - 1] if attempts <= len(SCHEDULE) else EVERY
    # Never immediately: half a second protects a receiver that has just crashed.
    return max(0.5, (rng or random).uniform(0, step))
