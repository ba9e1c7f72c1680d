"""Finding the checked claim that a report repeats: {"claim_id", "text"} against {"id", "claim"}."""

from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, matching
from classifiers.evaluate import metrics
from classifiers.evaluate.same_claim import ranking, read_rows


def evaluate(path: Path, claims: Path) -> dict[str, Any]:
    """{n, r_at_1, r_at_5}: reports of `path` looked up among all claims of `claims`."""
    reports, known = read_rows(path), read_rows(claims)
    model = build.load_default()
    asked = matching.views([row["text"] for row in reports], model)
    stored = matching.views([row["claim"] for row in known], model)
    cosines = np.stack([v.vector for v in asked]) @ np.stack([v.vector for v in stored]).T
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == np.array([row["id"] for row in known])[None, :]
    found = metrics.retrieval(ranking(asked, stored, cosines), relevant)
    return metrics.rounded({key: found[key] for key in ("n", "r_at_1", "r_at_5")})
