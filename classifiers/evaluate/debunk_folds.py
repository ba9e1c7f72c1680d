"""The trees that rank checked claims, cross-validated: no tree judges a claim it was grown on."""

import sys

import numpy as np

from classifiers.boosted_trees import SEED, grow
from classifiers.evaluate import metrics
from classifiers.evaluate.debunk_queries import DebunkQueries

FOLDS = 5
DEALS = 5  # times the folds are drawn


def out_of_fold(
    queries: DebunkQueries, right: np.ndarray, claims: np.ndarray, folds: int = FOLDS, deal: int = 0
) -> np.ndarray:
    """Probability of each pair by trees that saw no report of the same claim; `claims` (n,).
    `deal` seeds the assignment of claims to folds."""
    names = np.unique(claims)
    dealt = np.random.default_rng(SEED + deal).permutation(len(names)) % folds
    fold = dealt[np.searchsorted(names, claims)][queries.query]
    out = np.zeros(len(right))
    for held in range(folds):
        mine = fold == held
        out[mine] = grow(queries.x[~mine], right[~mine]).probabilities(queries.x[mine])
        print(f"debunk: deal {deal + 1}, fold {held + 1} of {folds}", file=sys.stderr)
    return out


def retrieval_figures(
    values: np.ndarray, queries: DebunkQueries, relevant: np.ndarray, prefix: str
) -> dict[str, float]:
    """Recall and mean average precision of pairs ranked by `values`, under prefixed names."""
    found = metrics.retrieval(queries.scores(values, relevant.shape[1]), relevant)
    return {f"{prefix}{key}": found[key] for key in ("r_at_1", "r_at_5", "map")}


def over_deals(
    queries: DebunkQueries,
    right: np.ndarray,
    claims: np.ndarray,
    relevant: np.ndarray,
    folds: int = FOLDS,
) -> dict[str, float]:
    """{deals, r_at_1, r_at_5, map}, means over `DEALS` deals of the folds by claim, with the
    `_least` and the `_most` of each: a single deal is luck."""
    each = [
        retrieval_figures(out_of_fold(queries, right, claims, folds, deal), queries, relevant, "")
        for deal in range(DEALS)
    ]
    found: dict[str, float] = {"deals": DEALS}
    for name in each[0]:
        values = [figures[name] for figures in each]
        found |= {name: float(np.mean(values))}
        found |= {f"{name}_least": min(values), f"{name}_most": max(values)}
    return found
