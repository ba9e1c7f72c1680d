"""Grow the trees that rank checked claims, and choose from which probability one is shown.

Learned from reports and the claims they repeat; every other candidate of a report is a wrong
answer. Figures and bounds are out of fold, five folds by claim. Neither the encoder nor the
TF-IDF weights learned from these reports.
"""

import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, registry, rerank
from classifiers.evaluate import debunk, metrics
from classifiers.evaluate.debunk import DebunkQuery, Library
from classifiers.rerank import Trees
from classifiers.train import wordings

SEED = 20200220
FOLDS = 5
GROWTH: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_iter": 160,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
    "early_stopping": False,
    # A pair more alike is never less likely: what a few reports seem to say against it is chance.
    "monotonic_cst": [int(name in rerank.RISING) for name in rerank.FEATURES],
}
NEWS = 1000
# Of the claims shown, and of those called close, at least such a share is right, where half of the
# wordings repeat a claim of the library and half repeat none.
SHOWN_RIGHT, CLOSE_RIGHT = 1 / 3, 0.8
DATA = (
    ("debunk/claims, debunk/reports_dev", "none stated"),
    ("measured only: background/news_titles", "THUCNews terms"),
)


def grow(x: np.ndarray, right: np.ndarray) -> Trees:
    """Boosted trees for pairs (n, f) that are right or wrong, (n,) bool."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=SEED, **GROWTH).fit(x, right)
    # No public way leads to the nodes; the test compares these trees with the model's own answers.
    nodes = [round_[0].nodes for round_ in model._predictors]
    starts = np.cumsum([0, *map(len, nodes)])
    flat, first = np.concatenate(nodes), np.repeat(starts[:-1], np.diff(starts))
    leaf, itself = flat["is_leaf"].astype(bool), np.arange(len(flat))
    children = [np.where(leaf, itself, flat[side] + first) for side in ("left", "right")]
    return Trees(
        feature=np.where(leaf, 0, flat["feature_idx"]).astype(np.int16),
        threshold=np.where(leaf, 0, flat["num_threshold"]).astype(np.float32),
        children=np.stack(children, axis=1).astype(np.int32),
        value=np.where(leaf, flat["value"], 0).astype(np.float32),
        roots=starts[:-1].astype(np.int32),
        base=np.ravel(model._baseline_prediction).astype(np.float32),
    )


def out_of_fold(
    asked: DebunkQuery, right: np.ndarray, claims: np.ndarray, folds: int = FOLDS, deal: int = 0
) -> np.ndarray:
    """Probability of each pair by trees that saw no report of the same claim; `claims` (n,).
    Another `deal` gives claims to other folds."""
    names = np.unique(claims)
    dealt = np.random.default_rng(SEED + deal).permutation(len(names)) % folds
    fold = dealt[np.searchsorted(names, claims)][asked.query]
    out = np.zeros(len(right))
    for held in range(folds):
        mine = fold == held
        out[mine] = grow(asked.x[~mine], right[~mine]).probabilities(asked.x[mine])
        print(f"debunk: deal {deal + 1}, fold {held + 1} of {folds}", file=sys.stderr)
    return out


def _best(scores: np.ndarray, asked: DebunkQuery) -> np.ndarray:
    best = np.full(asked.n, -np.inf)
    np.maximum.at(best, asked.query, scores)
    return best


def bounds(
    out: np.ndarray, right: np.ndarray, asked: DebunkQuery, news: np.ndarray
) -> tuple[dict[str, float], dict[str, float]]:
    """(settings, figures) from the probabilities of pairs, each report asked twice: with its claim
    in the library and without. `news`: the best probability of each ordinary title."""
    both = np.concatenate([out, out[~right]])
    labels = np.concatenate([right, np.zeros(int((~right).sum()), bool)])
    own = _best(np.where(right, out, -np.inf), asked)
    without = _best(np.where(right, -np.inf, out), asked)
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
    """Grow, choose and write `artifacts/debunk`; the figures that went into its manifest."""
    model = build.load_default()
    reports = list(wordings.read(data, "debunk/reports_dev"))
    library = Library.read(list(wordings.read(data, "debunk/claims")), model)
    asked = debunk.ask([row["text"] for row in reports], library, model)
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == library.ids[None, :]
    right = relevant[asked.query, asked.answer]
    out, trees = out_of_fold(asked, right, truth), grow(asked.x, right)
    titles = [row["text"] for row in wordings.read(data, "background/news_titles")]
    strangers = debunk.ask(random.Random(SEED).sample(titles, NEWS), library, model)
    news = _best(trees.probabilities(strangers.x), strangers)
    settings, figures = bounds(out, right, asked, news)
    figures |= debunk.over_deals(asked, right, truth, relevant)
    rerank.DEBUNK.mkdir(parents=True, exist_ok=True)
    seen = np.array(sorted(debunk.digest(row["text"]) for row in reports), np.int64)
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
