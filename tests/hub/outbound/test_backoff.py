"""When to try again follows the delivery policy."""

from __future__ import annotations

from hub.outbound import backoff


def test_backoff_follows_the_policy():
    assert backoff.SCHEDULE == (5, 30, 120, 600, 1800, 3600, 7200, 14400)
    for attempts in range(1, 30):
        most = backoff.SCHEDULE[attempts - 1] if attempts <= 8 else 6 * 3600
        assert 0.5 <= backoff.delay(attempts) <= most
    assert backoff.delay(1, retry_after=10**9) == 24 * 3600
