"""Train the trees that rank checked claims, and choose the thresholds for showing one.

The training data are reports and the claims they repeat; every other candidate of a report is
wrong. Figures and thresholds are out of fold, five folds by claim. Neither the encoder nor the
TF-IDF weights were trained on these reports.
"""

import random
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, registry, rerank
from classifiers.boosted_trees import SEED, grow
from classifiers.evaluate import metrics
from classifiers.evaluate.debunk_folds import out_of_fold, over_deals
from classifiers.evaluate.debunk_queries import DebunkQueries, Library, digest, look_up
from classifiers.train import wordings

NEWS = 1000
# Minimum precision of the claims shown, and of those called close, where half of the wordings
# repeat a claim of the library and half repeat none.
SHOWN_RIGHT, CLOSE_RIGHT = 1 / 3, 0.8
DATA = (
    ("debunk/claims, debunk/reports_dev", "none stated"),
    ("measured only: background/news_titles", "THUCNews terms"),
)


def _best(scores: np.ndarray, queries: DebunkQueries) -> np.ndarray:
    best = np.full(queries.n, -np.inf)
    np.maximum.at(best, queries.query, scores)
    return best


def bounds(
    out: np.ndarray, right: np.ndarray, queries: DebunkQueries, news: np.ndarray
) -> tuple[dict[str, float], dict[str, float]]:
    """(settings, figures) from the probabilities of pairs; each report is looked up
    twice, with its claim in the library and without. `news`: the best probability of each
    ordinary title."""
    both = np.concatenate([out, out[~right]])
    labels = np.concatenate([right, np.zeros(int((~right).sum()), bool)])
    own = _best(np.where(right, out, -np.inf), queries)
    without = _best(np.where(right, -np.inf, out), queries)
    settings: dict[str, float] = {}
    figures: dict[str, float] = {}
    for name, floor in (("near", SHOWN_RIGHT), ("close", CLOSE_RIGHT)):
        cut = settings[name] = round(metrics.cut_at_precision(both, labels, floor)[0], 4)
        figures |= {
            f"{name}_right": float(labels[both >= cut].mean()),
            f"{name}_claim_found": float((own >= cut).mean()),
            f"{name}_claim_absent": float((without >= cut).mean()),
            f"{name}_news": float((news >= cut).mean()),
        }
    return settings, figures


def run(data: Path) -> dict[str, Any]:
    """Train, choose and write `artifacts/debunk`; the figures in its manifest."""
    model = build.load_default()
    reports = list(wordings.read(data, "debunk/reports_dev"))
    library = Library.read(list(wordings.read(data, "debunk/claims")), model)
    queries = look_up([row["text"] for row in reports], library, model)
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == library.ids[None, :]
    right = relevant[queries.query, queries.answer]
    out, trees = out_of_fold(queries, right, truth), grow(queries.x, right)
    titles = [row["text"] for row in wordings.read(data, "background/news_titles")]
    strangers = look_up(random.Random(SEED).sample(titles, NEWS), library, model)
    news = _best(trees.probabilities(strangers.x), strangers)
    settings, figures = bounds(out, right, queries, news)
    figures |= over_deals(queries, right, truth, relevant)
    rerank.DEBUNK.mkdir(parents=True, exist_ok=True)
    seen = np.array(sorted(digest(row["text"]) for row in reports), np.int64)
    rerank.Reranker(trees, settings, seen).save()
    registry.write_manifest(
        rerank.DEBUNK,
        "debunk",
        [rerank.FILE],
        data=[{"name": name, "licence": licence} for name, licence in DATA],
        seeds={"all": SEED},
        labels=list(rerank.FEATURES),
        settings=settings,
        metrics={"encoder": model.version, "five_folds": metrics.rounded(figures)},
        versions=registry.library_versions(["numpy", "scikit-learn", "safetensors"]),
        licence="Apache-2.0; trained on research-only texts, none of which is contained",
    )
    rerank.shipped.cache_clear()
    return figures
