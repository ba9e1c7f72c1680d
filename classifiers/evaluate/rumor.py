"""The rumor score on labelled posts: {"text", "label": 1 rumor / 0 not}."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from classifiers.evaluate import rows
from classifiers.evaluate.batches import assessed
from classifiers.evaluate.calibration import coverage, expected_calibration_error


def evaluate(path: Path) -> dict[str, Any]:
    """Accuracy over all posts by score >= 0.5, also where the score was withheld.

    coverage: share of posts whose score was not withheld. Raises BadFile on a wrong file.
    """
    found = rows.read(path, {"text": str, "label": int}, {"label": (0, 1)})
    labels = np.array([row["label"] for row in found])
    scores = [one.rumor for one in assessed([row["text"] for row in found])]
    chances = np.array([0.5 if s.score is None else s.score for s in scores])
    said = chances >= 0.5
    answered = np.array([not s.abstained for s in scores])
    share, covered = coverage(answered, said == labels)
    return {
        "n": len(labels),
        "accuracy": accuracy_score(labels, said),
        "macro_f1": f1_score(labels, said, average="macro"),
        "ece": expected_calibration_error(chances, labels),
        "coverage": share,
        "accuracy_covered": covered,
    }
