"""The nine topics, trained on Weibo21; unlabelled rows (无法确定) are left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import registry, theme
from classifiers.ensemble import FILE
from classifiers.evaluate.topic import figures
from classifiers.train import corpus, ensemble
from classifiers.train.kernels import KernelSettings

SETTINGS = KernelSettings(
    features=2**17, text_c=1.0, balanced=True, vector_c=0.03, near=1.5, blend_c=0.05
)


def cross_validation_figures(
    chances: np.ndarray, labels: np.ndarray, known: Sequence[str] = tuple(theme.TOPICS)
) -> dict[str, Any]:
    """Figures of out-of-fold chances (n, k) of the `known` topics."""
    names = [theme.TOPICS[code] for code in known]
    return figures([names[i] for i in labels], [names[i] for i in chances.argmax(1)])


def placed(posts: corpus.Posts) -> tuple[np.ndarray, np.ndarray]:
    """The rows of posts with a topic, and the numbers of their topics."""
    columns = {name: i for i, name in enumerate(theme.TOPICS.values())}
    topics = np.array([columns.get(row["category"], -1) for row in posts.rows])
    rows = np.flatnonzero(topics >= 0)
    return rows, topics[rows]


def out_of_fold(posts: corpus.Posts, labels: np.ndarray) -> ensemble.OutOfFold:
    """The views' margins of posts they were not trained on."""
    corpus.progress("theme: cross-validating (about a minute on one core)")
    read = (posts.hashed, posts.vectors, posts.middles, labels)
    return ensemble.cross_validate(*read, posts.groups, SETTINGS)


def run(data: Path) -> None:
    """Cross-validate, fit on everything and write the artifact."""
    everything = corpus.posts(data / "rumor" / "weibo21_dev.jsonl")
    rows, labels = placed(everything)
    posts = everything.take(rows)
    folds = out_of_fold(posts, labels)
    metrics = {
        "cross_validation": cross_validation_figures(folds.probabilities(labels), labels),
        "cross_validation_without_encoder": cross_validation_figures(
            folds.probabilities(labels, "alone"), labels
        ),
    }
    corpus.progress(f"theme: {metrics}")
    read = (posts.hashed, posts.vectors, posts.middles, labels)
    model = ensemble.fit(*read, folds, SETTINGS, posts.probes)
    theme.DIRECTORY.mkdir(parents=True, exist_ok=True)
    model.save(theme.DIRECTORY)
    registry.write_manifest(
        theme.DIRECTORY, "theme", [FILE], labels=list(theme.TOPICS), metrics=metrics,
        settings={
            **vars(SETTINGS), "encoder": posts.encoder,
            "protocol": "5 folds, near-duplicates in one fold",
        },
        **corpus.manifest_facts("weibo21_dev"),
    )  # fmt: skip
