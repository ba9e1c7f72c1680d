"""Finding the checked claim that a report repeats: {"claim_id", "text"} against {"id", "claim"}
and, where known, its "explanation" (or "explain").

The trees were trained on reports of this shape; reports they saw are counted (`seen`). Figures
named `shipped_` are theirs, `likeness_` those of the untrained blend. Plain names are for reports
the trees never saw: the shipped figures if `seen` is 0, else those of `--folds`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, rerank
from classifiers.evaluate import metrics
from classifiers.evaluate.debunk_folds import over_deals, retrieval_figures
from classifiers.evaluate.debunk_queries import Library, digest, look_up
from classifiers.evaluate.same_claim import read_rows


def evaluate(path: Path, claims: Path, folds: int = 0) -> dict[str, Any]:
    """{n, seen, r_at_1, r_at_5, map, likeness_..., shipped_...}: reports of `path` looked up among
    all claims of `claims`. With `folds`, trees are also cross-validated over so many folds of
    claims, and the folds are drawn several times."""
    reports, model = read_rows(path), build.load_default()
    library = Library.read(read_rows(claims), model)
    queries = look_up([row["text"] for row in reports], library, model)
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == library.ids[None, :]
    shipped = rerank.shipped()
    known = set() if shipped is None else set(shipped.seen.tolist())
    seen = sum(digest(row["text"]) in known for row in reports)
    found = {
        "n": len(reports),
        "seen": seen,
        **retrieval_figures(queries.x[:, rerank.BLEND], queries, relevant, "likeness_"),
    }
    if shipped is not None:
        own = shipped.trees.probabilities(queries.x)
        found |= retrieval_figures(own, queries, relevant, "shipped_")
        if not seen and not folds:
            found |= retrieval_figures(own, queries, relevant, "")
    if folds:
        right = relevant[queries.query, queries.answer]
        found |= {"folds": folds, **over_deals(queries, right, truth, relevant, folds)}
    return metrics.rounded(found)
