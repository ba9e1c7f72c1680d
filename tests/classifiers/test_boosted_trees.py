"""Trees kept as arrays answer as scikit-learn's, and never against likeness."""

import numpy as np
import pytest

from classifiers import rerank
from classifiers.boosted_trees import GROWTH, SEED, grow
from classifiers.rerank import FEATURES


def data(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(7)
    x = chance.normal(size=(n, len(FEATURES))).astype(np.float32)
    return x, x[:, 0] + x[:, 1] * x[:, 2] > 0.5


def test_the_arrays_answer_as_the_model_they_were_taken_from():
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, right = data()
    model = HistGradientBoostingClassifier(random_state=SEED, **GROWTH).fit(x, right)
    own = grow(x, right).probabilities(x)
    assert own == pytest.approx(model.predict_proba(x)[:, 1], abs=1e-5)


def test_a_pair_that_is_more_alike_is_never_less_likely():
    x, right = data()
    right[:200] = x[:200, 3] < 0  # as if likeness spoke against the pair
    trees = grow(x, right)
    more = x.copy()
    more[:, [FEATURES.index(name) for name in rerank.RISING]] += 0.5
    assert (trees.probabilities(more) >= trees.probabilities(x)).all()
