"""What an officer should look at first."""

import math

import pytest

from hub.services.cases.ranking import PRESSING, factor, priority


def test_the_formula_by_hand():
    spread = {"jd": 3, "pdd": 4, "weidian": 0}
    assert priority(0.3, 7, spread) == pytest.approx(0.5 * 3 * math.sqrt(2))
    assert priority(0.3, 7, spread, trust=3 / 7) == pytest.approx(0.5 * 2 * math.sqrt(2))
    assert priority(0.3, 7, spread, pressing="overdue") == 2 * priority(0.3, 7, spread)


def test_a_wave_of_dull_reports_still_rises_and_nothing_falls_below_nought():
    assert 0 < priority(0.0, 1, {"jd": 1}) < priority(0.0, 100, {"jd": 100})
    assert priority(1.0, -2, {}) == 0


def test_three_hundred_copies_are_urgent_and_not_three_hundred_times_so():
    one, many = priority(0.5, 1, {"jd": 1}), priority(0.5, 300, {"jd": 300})
    assert 2 * one < many < 10 * one


def test_only_a_term_near_its_end_presses():
    assert [factor(each) for each in (None, "", "soon", "overdue")] == [1, 1, *PRESSING.values()]
