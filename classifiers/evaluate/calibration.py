"""Calibration: how far stated probabilities agree with observed frequencies."""

import numpy as np

BINS = 10


def binned(
    confidence: np.ndarray, right: np.ndarray, floor: float = 0.0
) -> list[tuple[float, float, int]]:
    """(mean confidence, accuracy, n) of each of ten bins that holds a text.

    confidence (n,) lies between `floor` and 1, and the bins part that range evenly; right (n,)
    says whether the answer was right.
    """
    bins = np.minimum(((confidence - floor) / (1 - floor) * BINS).astype(int), BINS - 1)
    return [
        (float(confidence[bins == b].mean()), float(right[bins == b].mean()), int(n))
        for b, n in zip(*np.unique(bins, return_counts=True), strict=True)
    ]


def reliability(chances: np.ndarray, labels: np.ndarray) -> list[tuple[float, float, int]]:
    """`binned` for a yes-no question: chances (n,) of label 1, labels (n,) of 0 and 1.

    Confidence is that of the class the chance favours, so it runs from 0.5 to 1.
    """
    return binned(np.maximum(chances, 1 - chances), (chances >= 0.5) == labels, 0.5)


def confidence_gap(confidence: np.ndarray, right: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over the bins (Guo et al. 2017)."""
    return _gap(binned(confidence, right))


def expected_calibration_error(chances: np.ndarray, labels: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over the bins of `reliability` (Guo et al. 2017)."""
    return _gap(reliability(chances, labels))


def _gap(bins: list[tuple[float, float, int]]) -> float:
    total = sum(n for _, _, n in bins)
    return sum(n * abs(confidence - accuracy) for confidence, accuracy, n in bins) / total


def accuracy_at(share: float, chances: np.ndarray, labels: np.ndarray) -> float:
    """Accuracy on the `share` of texts whose chance is farthest from one half."""
    surest = np.argsort(-np.abs(chances - 0.5), kind="stable")[
        : max(1, round(share * len(chances)))
    ]
    return float(((chances >= 0.5) == labels)[surest].mean())


def coverage(answered: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Share of texts answered, and share of those answers that are right (0 if none was)."""
    return float(answered.mean()), float(right[answered].mean()) if answered.any() else 0.0
