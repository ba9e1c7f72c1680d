"""Figures of retrieval and clustering, by hand."""

import numpy as np
import pytest

from classifiers.evaluate import metrics


def test_retrieval_figures_by_hand():
    similarity = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    relevant = np.array([[True, False, True], [False, True, False], [False, False, False]])
    found = metrics.retrieval(similarity, relevant)
    assert found["n"] == 2 and found["r_at_1"] == 0.5 and found["r_at_5"] == 1.0
    assert found["map"] == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2) / 2)


def test_cluster_figures_by_hand():
    truth = ["a", "a", "a", "b", "b"]
    assert metrics.pair_f1([1, 1, 2, 3, 3], truth) == pytest.approx(2 * 2 / (2 + 4))
    precision, recall = 1.0, (2 * 2 / 3 + 1 / 3 + 2) / 5
    expected = 2 * precision * recall / (precision + recall)
    assert metrics.b3([1, 1, 2, 3, 3], truth) == pytest.approx(expected)
    assert metrics.b3(truth, truth) == 1.0


def test_cuts_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    labels = np.array([True, False, True, False])
    assert metrics.best_f1(scores, labels) == (pytest.approx(0.7), pytest.approx(0.8))
    assert metrics.cut_at_precision(scores, labels, 0.9) == (pytest.approx(0.9), 0.5)
