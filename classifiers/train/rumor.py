"""The rumor score, learned from Weibo21 alone: pooling other sets made it worse there."""

from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from classifiers import registry, rumor
from classifiers.ensemble import FILE
from classifiers.evaluate.calibration import coverage, expected_calibration_error
from classifiers.train import corpus, ensemble

SETTINGS = ensemble.Settings(kernel_c=3.0)
SURE_ACCURACY = 0.95  # what the scores that are not withheld should reach
STRANGE = 0.01  # share of Weibo posts that may be called unlike Weibo


def _surest(chances: np.ndarray, labels: np.ndarray) -> float:
    """The lowest confidence from which on the scores reach SURE_ACCURACY."""
    confidence = np.maximum(chances, 1 - chances)
    order = np.argsort(-confidence)
    right = (chances >= 0.5) == labels
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= SURE_ACCURACY)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


def _familiar(posts: corpus.Posts, folds: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Share of each post's n-grams that the other folds hold."""
    share = np.zeros(len(posts.rows))
    for seen, held_out in folds:
        met = np.bincount(posts.hashed[seen].indices, minlength=posts.hashed.shape[1]) > 0
        for row in held_out:
            share[row] = met[posts.hashed[row].indices].mean() if posts.hashed[row].nnz else 0.0
    return share


def figures(chances: np.ndarray, labels: np.ndarray, sure: float) -> dict[str, float]:
    """What `python -m classifiers.evaluate rumor` prints, from out-of-fold chances."""
    said = chances >= 0.5
    share, covered = coverage(np.maximum(chances, 1 - chances) >= sure, said == labels)
    return {
        "n": len(labels),
        "accuracy": round(float(accuracy_score(labels, said)), 4),
        "macro_f1": round(float(f1_score(labels, said, average="macro")), 4),
        "auc": round(float(roc_auc_score(labels, chances)), 4),
        "ece": round(expected_calibration_error(chances, labels), 4),
        "coverage": round(share, 4),
        "accuracy_covered": round(covered, 4),
    }


def run(data: Path) -> None:
    """Cross-validate, choose the bounds of silence, fit on everything and write the artifact."""
    posts = corpus.posts(data / "rumor" / "weibo21_dev.jsonl")
    labels = np.array([row["label"] for row in posts.rows])
    corpus.progress("rumor: cross-validating (about three minutes on one core)")
    folds = ensemble.cross_validate(posts.hashed, posts.vectors, labels, posts.groups, SETTINGS)
    chances = folds.probabilities(labels, with_vectors=True)[:, 1]
    alone = folds.probabilities(labels, with_vectors=False)[:, 1]
    sure = _surest(chances, labels)
    metrics = {
        "cross_validation": figures(chances, labels, sure),
        "cross_validation_without_encoder": figures(alone, labels, sure),
    }
    corpus.progress(f"rumor: {metrics}")
    familiar = float(np.quantile(_familiar(posts, folds.folds), STRANGE))
    model = ensemble.fit(posts.hashed, posts.vectors, labels, folds, SETTINGS)
    rumor.DIRECTORY.mkdir(parents=True, exist_ok=True)
    model.save(rumor.DIRECTORY)
    registry.write_manifest(
        rumor.DIRECTORY, "rumor", [FILE], labels=["not_rumor", "rumor"], metrics=metrics,
        settings={
            **vars(SETTINGS), "sure": round(sure, 4), "familiar": round(familiar, 4),
            "encoder": posts.encoder, "protocol": "5 folds, near-duplicates in one fold",
        },
        **corpus.manifest_facts("weibo21_dev"),
    )  # fmt: skip
