"""The rumor score on labelled posts: {"text", "label": 1 rumor / 0 not}."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from classifiers.evaluate import rows
from classifiers.evaluate.batches import assessed
from classifiers.evaluate.calibration import (
    accuracy_at,
    coverage,
    expected_calibration_error,
    reliability,
)


def figures(chances: np.ndarray, labels: np.ndarray, notes: list[str]) -> dict[str, Any]:
    """All figures of the score, from chances (n,), labels (n,) and why each score was withheld.

    `accuracy`, `macro_f1`, `auc`, `ece` and `accuracy_at_70` count every post, also where the
    score was withheld; a note is empty where it was not. auc is None with a single
    label.
    """
    said = chances >= 0.5
    why = Counter(note for note in notes if note)
    share, covered = coverage(np.array([not note for note in notes]), said == labels)
    two = len(np.unique(labels)) == 2
    return {
        "n": len(labels),
        "accuracy": _round(accuracy_score(labels, said)),
        "macro_f1": _round(f1_score(labels, said, average="macro")),
        "auc": _round(roc_auc_score(labels, chances)) if two else None,
        "ece": _round(expected_calibration_error(chances, labels)),
        "coverage": _round(share),
        "accuracy_covered": _round(covered) if share else None,
        "accuracy_at_70": _round(accuracy_at(0.7, chances, labels)),
        "abstained": _round(1 - share),
        "abstained_because": {note: _round(n / len(labels)) for note, n in why.most_common()},
        "reliability": [(_round(c), _round(a), n) for c, a, n in reliability(chances, labels)],
    }


def _round(value: float) -> float:
    return round(float(value), 4)


def evaluate(path: Path) -> dict[str, Any]:
    """`figures` of the shipped model. Raises BadFile on a wrong file."""
    found = rows.read(path, {"text": str, "label": int}, {"label": (0, 1)})
    labels = np.array([row["label"] for row in found])
    scores = [one.rumor for one in assessed([row["text"] for row in found])]
    chances = np.array([0.5 if s.score is None else s.score for s in scores])
    return figures(chances, labels, [s.note if s.abstained else "" for s in scores])
