"""How far a probability can be taken at its word."""

import numpy as np

BINS = 10


def reliability(chances: np.ndarray, labels: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean confidence, accuracy, n) of each of ten bins that holds a text.

    chances (n,) of label 1; confidence is that of the class the chance favours, so it runs
    from 0.5 to 1 and the bins part that range evenly.
    """
    confidence = np.maximum(chances, 1 - chances)
    right = (chances >= 0.5) == labels
    bins = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    return [
        (float(confidence[bins == b].mean()), float(right[bins == b].mean()), int(n))
        for b, n in zip(*np.unique(bins, return_counts=True), strict=True)
    ]


def expected_calibration_error(chances: np.ndarray, labels: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over the bins of `reliability` (Guo et al. 2017)."""
    return sum(
        n * abs(confidence - accuracy) for confidence, accuracy, n in reliability(chances, labels)
    ) / len(labels)


def accuracy_at(share: float, chances: np.ndarray, labels: np.ndarray) -> float:
    """Accuracy on the `share` of texts whose chance is farthest from one half."""
    surest = np.argsort(-np.abs(chances - 0.5), kind="stable")[
        : max(1, round(share * len(chances)))
    ]
    return float(((chances >= 0.5) == labels)[surest].mean())


def coverage(answered: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Share of texts answered, and share of those answers that are right (0 if none was)."""
    return float(answered.mean()), float(right[answered].mean()) if answered.any() else 0.0
