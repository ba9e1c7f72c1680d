"""Whether two sentences mean the same: files of pairs with a label or a score of 0 to 5.

Rows: {"a", "b", "label"}, {"a", "b", "score"} or {"sentence1", "sentence2", "label"}. A score
of 4 and more counts as the same for AUC and accuracy; Spearman uses the score itself.
"""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, encoder, registry
from classifiers.evaluate import metrics
from classifiers.evaluate.same_claim import read_rows
from classifiers.normalize import normalize

SAME_FROM_SCORE = 4.0


def read_pairs(path: Path) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """First texts, second texts, grades as given (float) and labels (bool)."""
    rows = read_rows(path)
    first = [row.get("a", row.get("sentence1", "")) for row in rows]
    second = [row.get("b", row.get("sentence2", "")) for row in rows]
    grades = np.array([float(row["score"] if "score" in row else row["label"]) for row in rows])
    scored = any("score" in row for row in rows)
    return first, second, grades, grades >= (SAME_FROM_SCORE if scored else 0.5)


def evaluate(path: Path) -> dict[str, Any]:
    """{n, auc, accuracy, spearman}; accuracy at the shipped threshold, chosen on train files."""
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    first, second, grades, labels = read_pairs(path)
    scores = cosines(first, second, build.load_default())
    cut = registry.verified(registry.SAME_CLAIM).settings["pair_threshold"]
    both = 0 < labels.sum() < len(labels)
    return metrics.rounded(
        {
            "n": len(labels),
            "auc": float(roc_auc_score(labels, scores)) if both else None,
            "accuracy": float(((scores >= cut) == labels).mean()),
            "spearman": float(spearmanr(scores, grades).statistic) if both else None,
        }
    )


def cosines(first: list[str], second: list[str], model: encoder.Encoder) -> np.ndarray:
    """Cosine of each pair of raw texts, float32 (n,)."""
    a, b = (model.encode([normalize(t) for t in side]) for side in (first, second))
    cosines: np.ndarray = np.sum(a * b, axis=1)
    return cosines
