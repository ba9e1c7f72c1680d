"""How far a probability can be taken at its word, by hand."""

import numpy as np
import pytest

from classifiers.evaluate.calibration import (
    accuracy_at,
    coverage,
    expected_calibration_error,
    reliability,
)


def test_calibration_error_of_honest_and_of_boastful_chances():
    labels = np.array([1] * 8 + [0] * 2)
    assert expected_calibration_error(np.full(10, 0.8), labels) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(10, 1.0), labels) == pytest.approx(0.2)


def test_bins_and_the_surest_share_count_what_they_hold():
    chances = np.array([0.99, 0.02, 0.95, 0.6, 0.45])
    labels = np.array([1, 0, 1, 0, 1])
    assert sum(n for _, _, n in reliability(chances, labels)) == 5
    assert accuracy_at(0.6, chances, labels) == 1.0
    assert accuracy_at(1.0, chances, labels) == pytest.approx(0.6)


def test_coverage_counts_only_what_was_answered():
    share, right = coverage(
        np.array([True, True, False, False]), np.array([True, False, True, True])
    )
    assert (share, right) == (0.5, 0.5)
    assert coverage(np.array([False]), np.array([True])) == (0.0, 0.0)
