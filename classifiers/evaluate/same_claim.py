"""Retrieval and clustering of wordings by claim, over the file's own texts.

Rows: {"text", "claim_event", "platform"} and possibly "evidence_text" (or "video_transcripts"),
the text in pictures; reports are read with it, and the figures named text_only are without. The
clusters are those the hub would form from the file in its order: candidates come from earlier texts
as the database would give them (same key, a shared MinHash band, the nearest vectors, the first
wordings of their claims) and the product's own `decide` judges them.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, evidence, matching
from classifiers.evaluate import metrics
from classifiers.matching import Candidate, View

NEAREST = 20


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line; blank lines are skipped."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


class Index:
    """Earlier wordings in memory, with the three look-ups the hub makes in its database."""

    def __init__(self, size: int, dim: int) -> None:
        self._vectors = np.zeros((size, dim), np.float32)
        self._known: list[View] = []
        self._claims: list[int] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_band: dict[int, list[int]] = defaultdict(list)
        self._by_claim: dict[int, list[int]] = defaultdict(list)

    def candidates(self, view: View) -> list[Candidate]:
        """Wordings with the same key, a shared band, or among the 20 nearest by cosine, and the
        first of each claim within reach."""
        n = len(self._known)
        cosines = self._vectors[:n] @ view.vector
        nearest = np.argpartition(-cosines, NEAREST)[:NEAREST] if n > NEAREST else range(n)
        found = {int(i) for i in nearest} | set(self._by_key[view.key])
        for band in view.fingerprint.bands:
            found.update(self._by_band[band])
        near = [self._candidate(i, cosines) for i in sorted(found)]
        reach = matching.within_reach(view, near)
        first = {i for claim in reach for i in self._by_claim[claim][: matching.FIRST]}
        return [self._candidate(i, cosines) for i in sorted(found | first)]

    def _candidate(self, i: int, cosines: np.ndarray) -> Candidate:
        known = self._known[i]
        return Candidate(
            i, self._claims[i], known.text, known.fingerprint.signature, float(cosines[i])
        )

    def add(self, view: View, claim: int) -> None:
        """Remember a wording as one of `claim`."""
        position = len(self._known)
        self._vectors[position] = view.vector
        self._known.append(view)
        self._claims.append(claim)
        self._by_claim[claim].append(position)
        self._by_key[view.key].append(position)
        for band in view.fingerprint.bands:
            self._by_band[band].append(position)


def ranking(asked: Sequence[View], known: Sequence[View], cosines: np.ndarray) -> np.ndarray:
    """Scores (asked, known) in the product's order: the 20 nearest by `likeness` first,
    the others behind them by cosine. -inf in `cosines` excludes a text."""
    scores = cosines - 10.0
    for row, view in enumerate(asked):
        near = np.argsort(-cosines[row], kind="stable")[:NEAREST]
        near = near[np.isfinite(cosines[row][near])]
        found = [
            Candidate(int(i), int(i), known[i].text, None, float(cosines[row, i])) for i in near
        ]
        scores[row, near] = matching.likeness(view.text, found)
    return scores


def cluster(views: Sequence[View]) -> list[int]:
    """The claim of each text, as the hub would assign them in this order."""
    if not views:
        return []
    index = Index(len(views), len(views[0].vector))
    claims = []
    for position, view in enumerate(views):
        matches = matching.decide(view, index.candidates(view))
        joined = matches and matches[0].verdict == "same"
        claim = matches[0].candidate.claim if joined else position
        index.add(view, claim)
        claims.append(claim)
    return claims


def whole_text(row: dict[str, Any]) -> str:
    """The row's text with that in its pictures, as the hub reads a report."""
    return evidence.beside(row["text"], row.get("evidence_text") or row.get("video_transcripts"))


def evaluate(path: Path) -> dict[str, Any]:
    """{n, with_evidence, r_at_1, r_at_10, map, pair_f1, best_pair_f1, b3,
    cross_platform_r_at_1} of the file at `path`, and the same as text_only_... where a row has
    evidence.

    Only texts whose claim has another member are queries; across platforms, Kuaishou texts
    are looked up among Douyin ones. `best_pair_f1` is over all pairs at their best cut.
    """
    rows = read_rows(path)
    truth = [str(row["claim_event"]) for row in rows]
    platforms = [str(row.get("platform", "")) for row in rows]
    model = build.load_default()
    plain, whole = [row["text"] for row in rows], [whole_text(row) for row in rows]
    shown = sum(a != b for a, b in zip(plain, whole, strict=True))
    figures = measure(matching.views(whole, model), truth, platforms)
    if shown:
        alone = measure(matching.views(plain, model), truth, platforms)
        figures |= {f"text_only_{key}": value for key, value in alone.items() if key != "n"}
    return {"n": figures.pop("n"), "with_evidence": shown, **figures}


def measure(
    views: Sequence[View], truth: Sequence[str], platforms: Sequence[str]
) -> dict[str, Any]:
    """The figures of `evaluate` for views already made."""
    vectors = np.stack([view.vector for view in views])
    events = np.unique(truth, return_inverse=True)[1]
    relevant = events[:, None] == events[None, :]
    np.fill_diagonal(relevant, False)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    scores = ranking(views, views, cosines)
    found = metrics.retrieval(scores, relevant)
    every = np.triu_indices(len(views), 1)
    asked, answering = (
        np.flatnonzero(np.array(platforms) == name) for name in ("kuaishou", "douyin")
    )
    across = metrics.retrieval(
        ranking(
            [views[int(i)] for i in asked],
            [views[int(i)] for i in answering],
            cosines[np.ix_(asked, answering)],
        ),
        relevant[np.ix_(asked, answering)],
    )
    claims = cluster(views)
    return metrics.rounded(
        {
            "n": len(views),
            "r_at_1": found["r_at_1"],
            "r_at_10": found["r_at_10"],
            "map": found["map"],
            "pair_f1": metrics.pair_f1(claims, truth),
            "best_pair_f1": metrics.best_f1(scores[every], relevant[every])[1],
            "b3": metrics.b3(claims, truth),
            "cross_platform_r_at_1": across["r_at_1"],
        }
    )
