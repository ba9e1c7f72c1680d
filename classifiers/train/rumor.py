"""The rumor score, learned from Weibo21 alone: pooling other sets made it worse there."""

from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from classifiers import registry, rumor
from classifiers.ensemble import FILE, counts, weighted, written
from classifiers.evaluate import rows
from classifiers.evaluate.calibration import coverage, expected_calibration_error
from classifiers.train import corpus, ensemble

SETTINGS = ensemble.Settings(kernel_c=3.0)
SURE_ACCURACY = 0.95  # what the scores that are not withheld should reach
STRANGE = 0.05  # share of Weibo posts that may be called unlike Weibo


def surest(chances: np.ndarray, labels: np.ndarray) -> float:
    """The lowest confidence from which on the scores reach SURE_ACCURACY."""
    confidence = np.maximum(chances, 1 - chances)
    order = np.argsort(-confidence)
    right = (chances >= 0.5) == labels
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= SURE_ACCURACY)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


def _home(data: Path, posts: corpus.Posts, idf: np.ndarray) -> tuple[rumor.Home, np.ndarray]:
    """What tells Weibo posts from other ordinary text, and each post's own chance out of fold."""
    titles = rows.read(data / "background" / "news_titles.jsonl", {"text": str})[::8]
    complaints = rows.read(data / "complaint" / "citizen_complaints.jsonl", {"text": str})[::2]
    elsewhere = counts([written(row["text"]) for row in titles + complaints])
    x = weighted(sp.vstack([posts.hashed, elsewhere]).tocsr(), idf)
    here = np.arange(x.shape[0]) < len(posts.rows)
    model = LogisticRegression(C=10, class_weight="balanced", solver="liblinear", max_iter=500)
    folds = StratifiedKFold(ensemble.FOLDS, shuffle=True, random_state=ensemble.SEED)
    chances = cross_val_predict(model, x, here, cv=folds, method="predict_proba")[:, 1]
    model.fit(x, here)
    return rumor.Home(model.coef_[0], float(model.intercept_[0])), chances[here]


def figures(chances: np.ndarray, labels: np.ndarray, answered: np.ndarray) -> dict[str, float]:
    """What `python -m classifiers.evaluate rumor` prints, from out-of-fold chances."""
    said = chances >= 0.5
    share, covered = coverage(answered, said == labels)
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
    model = ensemble.fit(posts.hashed, posts.vectors, labels, folds, SETTINGS, posts.probes)
    home, at_home = _home(data, posts, model.idf)
    sure, bound = surest(chances, labels), float(np.quantile(at_home, STRANGE))
    long = np.array([len(written(row["text"])) >= rumor.SHORT for row in posts.rows])
    ours = long & (at_home >= bound)
    metrics = {
        name: figures(p, labels, ours & (np.maximum(p, 1 - p) >= sure))
        for name, p in (
            ("cross_validation", chances),
            ("cross_validation_without_encoder", alone),
        )
    }
    corpus.progress(f"rumor: {metrics}")
    rumor.DIRECTORY.mkdir(parents=True, exist_ok=True)
    model.save(rumor.DIRECTORY)
    home.save(rumor.DIRECTORY / rumor.HOME_FILE)
    registry.write_manifest(
        rumor.DIRECTORY,
        "rumor",
        [FILE, rumor.HOME_FILE],
        labels=["not_rumor", "rumor"],
        metrics=metrics,
        settings={
            **vars(SETTINGS),
            "sure": round(sure, 4),
            "home": round(bound, 4),
            "short": rumor.SHORT,
            "encoder": posts.encoder,
            "protocol": "5 folds, near-duplicates in one fold",
        },
        **corpus.manifest_facts("weibo21_dev", "news_titles", "citizen_complaints"),
    )
