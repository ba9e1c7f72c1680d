"""Boosted trees over pairs of wording and claim, grown by scikit-learn and kept as plain arrays."""

from typing import Any

import numpy as np

from classifiers.rerank import FEATURES, RISING, Trees

SEED = 20200220
GROWTH: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_iter": 160,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
    "early_stopping": False,
    # A more similar pair is never less likely: exceptions in a few reports are noise.
    "monotonic_cst": [int(name in RISING) for name in FEATURES],
}


def grow(x: np.ndarray, right: np.ndarray) -> Trees:
    """Boosted trees for pairs (n, f) that are right or wrong, (n,) bool."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=SEED, **GROWTH).fit(x, right)
    # The nodes have no public API; a test compares these trees with the model's own predictions.
    nodes = [round_[0].nodes for round_ in model._predictors]
    starts = np.cumsum([0, *map(len, nodes)])
    flat, first = np.concatenate(nodes), np.repeat(starts[:-1], np.diff(starts))
    leaf, itself = flat["is_leaf"].astype(bool), np.arange(len(flat))
    children = [np.where(leaf, itself, flat[side] + first) for side in ("left", "right")]
    return Trees(
        feature=np.where(leaf, 0, flat["feature_idx"]).astype(np.int16),
        threshold=np.where(leaf, 0, flat["num_threshold"]).astype(np.float32),
        children=np.stack(children, axis=1).astype(np.int32),
        value=np.where(leaf, flat["value"], 0).astype(np.float32),
        roots=starts[:-1].astype(np.int32),
        base=np.ravel(model._baseline_prediction).astype(np.float32),
    )
