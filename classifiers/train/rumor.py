"""The rumor score, trained on Weibo21 alone: pooling other sets made it worse there."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from classifiers import registry, rumor
from classifiers.ensemble import FILE, counts, weighted, written
from classifiers.evaluate import rows
from classifiers.evaluate.folds import FOLDS, SEED
from classifiers.evaluate.rumor import figures
from classifiers.train import corpus, ensemble
from classifiers.train.kernels import KernelSettings

SETTINGS = KernelSettings(kernel_c=3.0, logistic_c=30.0, ratio_c=0.5, middle=True)
SURE_ACCURACY = 0.955  # target of the scores that are not withheld
# Share of Weibo posts below each bound of likeness to Weibo; see rumor.is_unlike_source.
STRANGE = {"home": 0.06, "home_short": 0.37}


def _strangers(data: Path) -> list[str]:
    """Ordinary texts of other sources, most of them as short as a title."""
    generator = random.Random(SEED)

    def texts(name: str, key: str = "text") -> list[str]:
        return [row[key] for row in rows.read(data / f"{name}.jsonl", {key: str})]

    news = generator.sample(texts("background/news_titles"), 9000)
    complaints = texts("complaint/citizen_complaints")
    joined = zip(news[3000:6000], news[6000:], strict=True)
    return [
        *news[:3000],
        *(first + generator.choice(" ,!。") + second for first, second in joined),
        *texts("debunk/claims", "claim")[::2],
        *complaints[::4],
        *(text[: generator.randint(25, 80)] for text in complaints[1::2]),
        *texts("complaint/citizen_complaints", "title")[::3],
        *[t for t in texts("pairs/simclue_triplet_train", "title") if len(t) >= rumor.SHORT][:3000],
    ]


def _home(data: Path, posts: corpus.Posts, idf: np.ndarray) -> tuple[rumor.Home, np.ndarray]:
    """A classifier of Weibo posts against other texts, and each post's probability out of fold."""
    elsewhere = [written(text) for text in _strangers(data)]
    plain = [written(row["text"]) for row in posts.rows] + elsewhere
    hashed = sp.vstack([posts.hashed, counts(elsewhere)]).tocsr()
    x = sp.hstack([weighted(hashed, idf), rumor.lengths(plain)]).tocsr()
    here = np.arange(len(plain)) < len(posts.rows)
    groups = np.r_[posts.groups, posts.groups.max() + 1 + np.arange(len(elsewhere))]
    model = LogisticRegression(C=10, solver="liblinear", random_state=SEED)
    chances = cross_val_predict(
        model, x, here, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba"
    )[here, 1]
    model.fit(x, here)
    return rumor.Home(model.coef_[0], float(model.intercept_[0])), chances


def _surest(chances: np.ndarray, right: np.ndarray, ours: np.ndarray) -> float:
    """The lowest confidence from which on the scores of `ours` reach SURE_ACCURACY."""
    confidence = np.where(ours, np.abs(chances - 0.5) + 0.5, 0)
    order = np.argsort(-confidence, kind="stable")[: ours.sum()]
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(accuracy >= SURE_ACCURACY)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


@dataclass(frozen=True)
class Silence:
    """The bounds outside which a model abstains, and which posts are `ours` (n,)."""

    settings: dict[str, float]
    ours: np.ndarray

    def figures(self, chances: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
        """What `python -m classifiers.evaluate rumor` prints, from out-of-fold chances."""
        sure = np.abs(chances - 0.5) + 0.5 >= self.settings["sure"]
        why = np.where(self.ours, np.where(sure, "", "unsure"), "foreign")
        return figures(chances, labels, why.tolist())


def silence(
    texts: Sequence[str], known: np.ndarray, chances: np.ndarray, labels: np.ndarray
) -> Silence:
    """Bounds by out-of-fold probabilities of being of the `known` source, and of being a rumor."""
    bounds = {name: float(np.quantile(known, share)) for name, share in STRANGE.items()}
    plain = [written(text) for text in texts]
    ours = np.array([
        len(words) >= rumor.SHORT and not rumor.is_unlike_source(text, words, chance, bounds)
        for text, words, chance in zip(texts, plain, known, strict=True)
    ])  # fmt: skip
    sure = _surest(chances, (chances >= 0.5) == labels, ours)
    rounded = {name: round(bound, 4) for name, bound in {**bounds, "sure": sure}.items()}
    return Silence({**rounded, "short": rumor.SHORT, "long": rumor.LONG}, ours)


def run(data: Path) -> None:
    """Cross-validate, choose the bounds of abstaining, fit on everything and write the artifact."""
    posts = corpus.posts(data / "rumor" / "weibo21_dev.jsonl")
    labels = np.array([row["label"] for row in posts.rows])
    corpus.progress("rumor: cross-validating (about three minutes on one core)")
    read = (posts.hashed, posts.vectors, posts.middles, labels)
    folds = ensemble.cross_validate(*read, posts.groups, SETTINGS)
    chances = folds.probabilities(labels)[:, 1]
    model = ensemble.fit(*read, folds, SETTINGS, posts.probes)
    home, known = _home(data, posts, model.idf)
    bounds = silence([row["text"] for row in posts.rows], known, chances, labels)
    metrics = {
        "cross_validation": bounds.figures(chances, labels),
        "cross_validation_without_middle": bounds.figures(
            folds.probabilities(labels, "borrowed")[:, 1], labels
        ),
        "cross_validation_without_encoder": bounds.figures(
            folds.probabilities(labels, "alone")[:, 1], labels
        ),
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
            **bounds.settings,
            "encoder": posts.encoder,
            "protocol": "5 folds, near-duplicates in one fold",
        },
        **corpus.manifest_facts(
            "weibo21_dev", "news_titles", "citizen_complaints", "claims", "simclue_triplet_train"
        ),
    )
