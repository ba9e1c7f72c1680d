"""The bounds of the rumor model's silence, by hand."""

import numpy as np
import pytest

from classifiers.train import rumor


def test_scores_stand_from_where_enough_of_them_are_right(monkeypatch):
    monkeypatch.setattr(rumor, "SURE_ACCURACY", 0.75)
    chances = np.array([0.99, 0.02, 0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True, False, False])
    every = np.ones(6, bool)
    assert rumor._surest(chances, right, every) == pytest.approx(0.8)  # three of four
    # What is foreign to the model neither counts nor moves the bound.
    assert rumor._surest(chances, right, every & (chances != 0.9)) == pytest.approx(0.7)
    assert rumor._surest(chances, ~every, every) == 1.0


def test_a_short_or_strange_post_is_not_the_models_own():
    long = "听说明天全城停水三天超市的水马上断货大家赶紧囤水【紧急】" * 3
    texts = [long] * 18 + [long, "假的吧"]
    known = np.array([0.9] * 18 + [0.001, 0.9])
    found = rumor.silence(texts, known, np.full(20, 0.9), np.ones(20, int))
    assert found.ours.tolist() == [True] * 18 + [False, False]
    why = found.figures(np.full(20, 0.9), np.ones(20, int))["abstained_because"]
    assert why == {"foreign": 0.1}
