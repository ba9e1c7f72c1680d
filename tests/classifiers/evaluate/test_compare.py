"""Two models are compared on the same texts, and chance is not called progress."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.evaluate.compare import Answers, compare


def answers(version: str, right: np.ndarray) -> Answers:
    chances = np.where(right[:, None], [0.9, 0.1], [0.2, 0.8])
    return Answers(version, ["yes", "no"], chances, np.ones(len(right), bool))


def test_a_real_gain_is_better_and_a_lucky_one_undecided():
    rng = np.random.default_rng(3)
    was = rng.random(200) < 0.7
    much = was | (rng.random(200) < 0.6)
    little = was.copy()
    little[np.flatnonzero(~was)[:2]] = True
    truth = ["yes"] * 200
    assert compare(answers("old", was), answers("new", much), truth)["verdict"] == "better"
    assert compare(answers("old", much), answers("new", was), truth)["verdict"] == "worse"
    lucky = compare(answers("old", was), answers("new", little), truth)
    assert lucky["verdict"] == "undecided" and lucky["gain"] == 0.01
    assert (lucky["only_challenger_right"], lucky["only_champion_right"]) == (2, 0)


def test_precision_by_type_counts_what_was_answered():
    said = Answers(
        "m",
        ["a", "b"],
        np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.45, 0.55]]),
        np.array([True, True, True, False]),
    )
    found = compare(said, said, ["a", "b", "b", "b"])["champion"]
    assert found["by_type"]["a"] == {"n": 1, "said": 2, "precision": 0.5}
    assert found["by_type"]["b"] == {"n": 3, "said": 1, "precision": 1.0}
    assert (found["coverage"], found["accuracy"]) == (0.75, 0.75)
    assert found["accuracy_covered"] == pytest.approx(2 / 3, abs=1e-4)
