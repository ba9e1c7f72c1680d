"""Figures of retrieval and clustering, each by its published definition."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np


def retrieval(similarity: np.ndarray, relevant: np.ndarray) -> dict[str, float]:
    """R@1, R@10 (a relevant text among the first k) and mean average precision.

    similarity: (queries, documents), -inf where a document may not be returned; relevant: the
    same shape, bool. Queries without a relevant document do not count.
    """
    asked = relevant.any(axis=1)
    if not asked.any():
        return {"n": 0, "r_at_1": 0.0, "r_at_5": 0.0, "r_at_10": 0.0, "map": 0.0}
    order = np.argsort(-similarity[asked], axis=1, kind="stable")
    hits = np.take_along_axis(relevant[asked], order, axis=1)
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = np.cumsum(hits, axis=1) / ranks
    average = (precision * hits).sum(1) / hits.sum(1)
    at = {f"r_at_{k}": float(hits[:, :k].any(1).mean()) for k in (1, 5, 10)}
    return {"n": int(asked.sum()), **at, "map": float(average.mean())}


def pair_f1(assigned: Sequence[Hashable], truth: Sequence[Hashable]) -> float:
    """F1 over all pairs of items: together in `assigned` against together in `truth`."""

    def pairs(counts: Counter[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in counts.values())

    both = pairs(Counter(zip(assigned, truth, strict=True)))
    total = pairs(Counter(assigned)) + pairs(Counter(truth))
    return 2 * both / total if total else 0.0


def b3(assigned: Sequence[Hashable], truth: Sequence[Hashable]) -> float:
    """B-cubed F1 (Bagga and Baldwin 1998): precision and recall averaged over items."""
    if not len(assigned):
        return 0.0
    joint = Counter(zip(assigned, truth, strict=True))
    clusters, classes = Counter(assigned), Counter(truth)
    precision = sum(n * n / clusters[a] for (a, _), n in joint.items()) / len(assigned)
    recall = sum(n * n / classes[t] for (_, t), n in joint.items()) / len(assigned)
    return 2 * precision * recall / (precision + recall)


def best_f1(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """(threshold, F1) of the cut `score >= threshold` with the best F1."""
    precision, recall, cuts = _precision_recall(scores, labels)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(np.argmax(f1))
    return float(cuts[best]), float(f1[best])


def cut_at_precision(scores: np.ndarray, labels: np.ndarray, floor: float) -> tuple[float, float]:
    """(threshold, recall) of the lowest cut that still has precision `floor`; (inf, 0) if none."""
    precision, recall, cuts = _precision_recall(scores, labels)
    good = np.flatnonzero(precision >= floor)
    return (float(cuts[good[-1]]), float(recall[good[-1]])) if len(good) else (float("inf"), 0.0)


def _precision_recall(
    scores: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision and recall at every distinct score, from the highest down."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(labels[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    return hits[last] / (last + 1), hits[last] / max(int(hits[-1]), 1), ranked[last]


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Floats to four places, for printing."""
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}
