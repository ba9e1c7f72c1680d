"""Thresholds of the matcher follow what people joined and parted, with care."""

import random

import numpy as np
import pytest

from classifiers import matching, registry
from classifiers.train import cuts
from classifiers.train.cuts import APART, ASK, JOIN, NOTHING, SAME, Decisions, MatchDecision
from classifiers.train.lessons import split_by_time

SHIPPED = dict(matching.settings()["thresholds"]["embedding"])


def joining(n: int, likeness: float, label: str, **more) -> MatchDecision:
    """A decision on a text of its own beside a claim with several wordings."""
    text = "".join(map(chr, random.Random(n).sample(range(0x4E00, 0x9FA0), 24)))
    facts = {"nearest": likeness, "mean": likeness, "several": True} | more
    return MatchDecision(text, label, f"claim {n}", float(n), True, **facts)


def columns(*joinings: MatchDecision) -> Decisions:
    return Decisions.of(joinings)


def told(line: float, n: int = 200) -> list[MatchDecision]:
    """People who see one claim exactly from `line` on."""
    rng = random.Random(7)
    scores = [rng.uniform(line - 0.1, line + 0.1) for _ in range(n)]
    return [joining(i, s, SAME if s >= line else APART) for i, s in enumerate(scores)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, JOIN),
        ({"held": True}, ASK),
        ({"mean": SHIPPED["agree"] - 0.02}, ASK),
        ({"several": False}, ASK),  # beside one wording more is asked
        ({"nearest": SHIPPED["suggest"] - 0.01}, NOTHING),
    ],
)
def test_a_decision_is_read_as_the_matcher_would_decide(more, said):
    assert cuts.actions(SHIPPED, columns(joining(1, SHIPPED["same"] - 0.01, SAME, **more))) == [
        said
    ]


@pytest.mark.parametrize("by", [-0.04, 0.04])
def test_the_cut_goes_to_where_people_draw_the_line(by):
    decisions = columns(*told(SHIPPED["agree"] + by))
    found = cuts.propose(SHIPPED, decisions, np.arange(200))
    assert found["agree"] == pytest.approx(SHIPPED["agree"] + by, abs=0.015)
    assert found["suggest"] < found["agree"] <= found["same"]
    assert cuts.costs(found, decisions).mean() < cuts.costs(SHIPPED, decisions).mean()


def test_one_retraining_goes_no_farther_than_people_were_asked():
    decisions = columns(*told(SHIPPED["agree"] + 0.3))
    found = cuts.propose(SHIPPED, decisions, np.arange(200))
    assert max(abs(found[name] - SHIPPED[name]) for name in SHIPPED) <= cuts.REACH + 1e-9


def test_nothing_moves_where_nothing_would_be_gained():
    decisions = columns(joining(1, 0.9, SAME), joining(2, 0.1, APART))
    assert cuts.propose(SHIPPED, decisions, np.arange(2)) == SHIPPED


def test_a_large_claim_weighs_no_more_than_a_small_one():
    at = SHIPPED["agree"] + 0.02
    large = [joining(i, at, SAME) for i in range(40)]
    small = [joining(100 + i, at, APART) for i in range(3)]
    groups = np.array([0] * 40 + [1, 2, 3])
    found = cuts.propose(SHIPPED, columns(*large, *small), groups)
    assert cuts.actions(found, columns(large[0])) != [JOIN]  # one claim against three


def test_proposed_thresholds_are_compared_on_later_decisions_and_matched_by(tmp_path):
    parted = split_by_time(told(SHIPPED["agree"] + 0.05))
    made = cuts.train(parted, registry.SAME_CLAIM, tmp_path, "e5@1")
    found = cuts.compare(registry.SAME_CLAIM, tmp_path, parted.measure)
    assert found["verdict"] == "better"
    assert found["challenger"]["n"] == len(parted.measure)
    assert found["challenger"]["joined_right"] > found["champion"]["joined_right"]
    assert made.settings["thresholds"]["minhash"] == matching.settings()["thresholds"]["minhash"]
    try:
        matching.use_thresholds(tmp_path, "e5@1")
        assert matching.thresholds()["embedding"] == found["challenger"]["cuts"]
        with pytest.raises(registry.ArtifactError):
            matching.use_thresholds(tmp_path, "another encoder")
        assert matching.thresholds()["embedding"] == SHIPPED
    finally:
        matching.use_thresholds(None)
