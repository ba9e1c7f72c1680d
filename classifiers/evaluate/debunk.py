"""Finding the checked claim that a report repeats: {"claim_id", "text"} against {"id", "claim"}
and, where known, its "explanation" (or "explain")."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, debunk, matching
from classifiers.evaluate import metrics
from classifiers.evaluate.same_claim import NEAREST, read_rows
from classifiers.matching import Candidate, View


def explanations(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What is said of each checked claim; empty where nothing is."""
    return [str(row.get("explanation") or row.get("explain") or "") for row in rows]


def ranking(
    asked: Sequence[View], known: Sequence[View], explained: Sequence[str], cosines: np.ndarray
) -> np.ndarray:
    """Scores (asked, known) that order as the product does: the 20 nearest by `debunk.alike`
    first, the others behind them by cosine."""
    scores = cosines - 10.0
    for row, view in enumerate(asked):
        near = np.argsort(-cosines[row], kind="stable")[:NEAREST]
        found = [
            Candidate(int(i), int(i), known[i].text, None, float(cosines[row, i])) for i in near
        ]
        scores[row, near] = debunk.alike(view.text, found, [explained[i] for i in near])
    return scores


def evaluate(path: Path, claims: Path) -> dict[str, Any]:
    """{n, r_at_1, r_at_5, map}: reports of `path` looked up among all claims of `claims`."""
    reports, known = read_rows(path), read_rows(claims)
    model = build.load_default()
    asked = matching.views([row["text"] for row in reports], model)
    stored = matching.views([row["claim"] for row in known], model)
    cosines = np.stack([v.vector for v in asked]) @ np.stack([v.vector for v in stored]).T
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == np.array([row["id"] for row in known])[None, :]
    found = metrics.retrieval(ranking(asked, stored, explanations(known), cosines), relevant)
    return metrics.rounded({key: found[key] for key in ("n", "r_at_1", "r_at_5", "map")})
