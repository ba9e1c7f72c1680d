"""Counts surge when they outgrow their own past by more than chance."""

from __future__ import annotations

import pytest

from hub.services.warnings import surges


def _judged(window, past=0.0, busy=1.0, strict=0.0):
    evidence = surges.weight(surges.MEMORY)
    return surges.judge(window, past, evidence, 2.0, busy, 100, strict)


def test_many_reports_of_something_new_on_two_platforms_surge():
    verdict = _judged({1: 15, 2: 10})
    assert verdict.surges and verdict.expected < 1 and verdict.tail < verdict.level


def test_one_platform_alone_is_no_surge():
    assert not _judged({1: 25}).surges
    assert not _judged({1: 24, 2: 1}).surges


def test_what_was_always_loud_does_not_surge():
    steady = 12 * surges.weight(surges.MEMORY)  # a dozen every quarter of an hour
    assert not _judged({1: 15, 2: 10}, past=steady).surges


def test_a_busy_hour_for_all_is_nobodys_surge():
    busy = surges.busyness(900, 100.0, surges.weight(surges.MEMORY), 2.0)
    assert busy > 20
    assert not _judged({1: 15, 2: 10}, busy=busy).surges
    assert surges.busyness(1, 1000.0, surges.weight(surges.MEMORY), 2.0) == 1.0


def test_the_tail_is_that_of_the_negative_binomial():
    from scipy.stats import nbinom

    verdict = _judged({1: 6, 2: 5}, past=3.0)
    shape, rate = 3.0 + surges.PRIOR_COUNT, surges.weight(surges.MEMORY) + surges.PRIOR_BINS
    assert verdict.tail == pytest.approx(nbinom.sf(10, shape, rate / (rate + 2.0)), rel=1e-9)


def test_false_alarms_make_it_stricter_and_quiet_days_ease_it():
    assert surges.strictness([], 10.0) == 0.0
    assert surges.strictness([9.9, 9.95], 10.0) == pytest.approx(2 - surges.TARGET * 0.1)
    assert surges.strictness([1.0, 2.0], 10.0) == 0.0
    # Two false alarms a day for ever are more than TARGET: it grows until they stop.
    assert surges.strictness([half / 2 for half in range(60)], 30.0) > 30
    assert _judged({1: 7, 2: 6}).surges and not _judged({1: 7, 2: 6}, strict=20.0).surges
