"""The temperature of the price model takes back what its log-odds boast."""

import numpy as np
import pytest

from classifiers.train import price


def test_log_odds_that_boast_are_cooled_and_shy_ones_warmed():
    rng = np.random.default_rng(1)
    honest = rng.normal(size=(4000, 4)) * 2
    chances = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in chances])
    assert price.temperature(honest, labels) == pytest.approx(1, abs=0.1)
    assert price.temperature(honest * 3, labels) == pytest.approx(3, abs=0.3)
    assert price.temperature(honest / 2, labels) == pytest.approx(0.5, abs=0.05)


def test_a_case_is_judged_by_the_fold_that_left_it_out(monkeypatch):
    learned: list[list[str]] = []

    class Spy:
        def fit(self, texts, labels):
            learned.append(texts)
            return self

        def decision_function(self, texts):
            assert not set(texts) & set(learned[-1])
            return np.full((len(texts), 4), len(learned))

    monkeypatch.setattr(price, "pipeline", Spy)
    texts = [str(i) for i in range(40)]
    logits = price.out_of_fold(texts, np.arange(40) % 4, np.arange(40) // 2, 7)
    assert len(learned) == price.FOLDS and (logits > 0).all()


def test_the_pipeline_learns_the_words_of_a_type():
    texts = ["货架没有价签" + str(i) for i in range(6)] + [
        "结账多收餐具费" + str(i) for i in range(6)
    ]
    model = price.pipeline().fit(texts, [0] * 6 + [1] * 6)
    assert model.predict(["超市没有价签", "饭店多收餐具费"]).tolist() == [0, 1]
