"""How far a probability can be taken at its word."""

import numpy as np

BINS = 10


def expected_calibration_error(chances: np.ndarray, labels: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over ten bins (Guo et al. 2017).

    chances (n,) of label 1; confidence is that of the class the chance favours, so it runs
    from 0.5 to 1 and the bins part that range evenly.
    """
    confidence = np.maximum(chances, 1 - chances)
    right = (chances >= 0.5) == labels
    bins = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    gap = 0.0
    for b in np.unique(bins):
        inside = bins == b
        gap += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return float(gap)


def coverage(answered: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Share of texts answered, and share of those answers that are right (0 if none was)."""
    return float(answered.mean()), float(right[answered].mean()) if answered.any() else 0.0
