"""The matcher's cuts are chosen on their curves, within the budget of false joins."""

import numpy as np
import pytest

from classifiers.train import matching


class Bench:
    """A stream in which a lower cut joins more, ordinary news among it."""

    def __init__(self, settings):
        self.settings = settings

    def strangers(self):
        return np.linspace(0, 1, 101)

    def clusters(self):
        found = self.settings["thresholds"]
        joined = 0.6 - found["embedding"]["same"]
        return {"joined": joined, "b3": 0.9 if found["minhash"]["same"] <= 0.4 else 0.8}

    def benchmark(self):
        return {}

    def reported(self, cut):
        return {}


@pytest.fixture
def settings(monkeypatch):
    kept: dict = {}
    monkeypatch.setattr(matching, "_set", lambda **given: kept.update(given))
    return kept


def test_the_lowest_cut_within_the_budget_and_the_strictest_minhash_beside_it(settings):
    curves = matching.choose_thresholds(Bench(settings))
    chosen = settings["thresholds"]
    assert chosen["embedding"]["same"] == pytest.approx(0.5)  # a tenth of the news joins there
    assert chosen["embedding"]["agree"] == pytest.approx(0.5 - matching.AGREEMENT)
    assert chosen["minhash"]["same"] == 0.4  # stricter ones lose
    assert len(curves["likeness"]) == len(matching.CUTS)


def test_the_suggestion_lies_below_the_cut_of_agreement_and_lets_few_strangers_in():
    found = matching._thresholds(0.5, 0.6, suggest=0.8)
    assert found["embedding"]["suggest"] < found["embedding"]["agree"] < 0.6
    assert found["minhash"]["suggest"] < found["minhash"]["same"]


def test_every_set_of_pairs_weighs_the_same(monkeypatch):
    large, small = np.linspace(0, 1, 1000), np.linspace(0, 1, 10)
    cosines = iter([large, small, small])
    labels = iter([large >= 0.2, small >= 0.7, small >= 0.7])
    monkeypatch.setattr(matching.pairs, "read_pairs", lambda path: ([], [], None, next(labels)))
    monkeypatch.setattr(matching.pairs, "cosines", lambda *_: next(cosines))
    assert matching.choose_pair_threshold(matching.Path(), None) == pytest.approx(0.7, abs=0.05)
