"""Finding the checked claim that a report repeats: {"claim_id", "text"} against {"id", "claim"}
and, where known, its "explanation" (or "explain").

Trees learned from reports of this shape, and reports they saw are counted (`seen`): figures named
`shipped_` are theirs, `likeness_` those of the blend that nothing was trained for. Plain names are
for reports the trees never saw: the shipped ones if `seen` is 0, else those of `--folds`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import build, debunk, rerank
from classifiers.encoder import Encoder
from classifiers.evaluate import metrics
from classifiers.evaluate.same_claim import read_rows
from classifiers.normalize import normalize
from classifiers.rerank import TextAndClaim

DEALS = 5
CANDIDATES = 30  # as the product looks them up: by the claim, and by claim and explanation


@dataclass(frozen=True)
class Library:
    """Checked claims; `vectors` and `told_vectors` (n, dim), in their order."""

    ids: np.ndarray
    claims: list[str]
    told: list[str]
    vectors: np.ndarray
    told_vectors: np.ndarray

    @classmethod
    def read(cls, rows: Sequence[dict[str, Any]], model: Encoder) -> "Library":
        """Rows as published, {"id", "claim", "explanation" or "explain"}."""
        claims = [normalize(row["claim"]) for row in rows]
        said = (row.get("explanation") or row.get("explain") for row in rows)
        # Some libraries write a missing explanation as the word for no number.
        known = ("" if more in (None, "nan") else str(more) for more in said)
        told = [debunk.told(*both) for both in zip(claims, known, strict=True)]
        ids = np.array([row["id"] for row in rows])
        return cls(ids, claims, told, model.encode(claims), model.encode(told))


@dataclass(frozen=True)
class DebunkQuery:
    """Wordings with the pairs they make with their candidates: of pair i, `query[i]` is the
    wording, `answer[i]` the claim, `x[i]` what the trees read."""

    n: int
    query: np.ndarray
    answer: np.ndarray
    x: np.ndarray

    def scores(self, values: np.ndarray, claims: int) -> np.ndarray:
        """(n, claims) of a value a pair; -inf for what is no candidate."""
        table = np.full((self.n, claims), -np.inf)
        table[self.query, self.answer] = values
        return table


def ask(texts: Sequence[str], library: Library, model: Encoder) -> DebunkQuery:
    """Raw wordings beside their candidates, found as the product finds them."""
    wordings = [normalize(text) for text in texts]
    vectors = model.encode(wordings)
    query, answer, x = [], [], [np.zeros((0, len(rerank.FEATURES)), np.float32)]
    for row, (wording, vector) in enumerate(zip(wordings, vectors, strict=True)):
        by_claim, by_told = library.vectors @ vector, library.told_vectors @ vector
        near = [np.argsort(-c, kind="stable")[:CANDIDATES] for c in (by_claim, by_told)]
        found = np.union1d(*near)
        query.append(np.full(len(found), row))
        answer.append(found)
        pairs = [
            TextAndClaim(i, wording, library.claims[i], library.told[i], by_claim[i], by_told[i])
            for i in map(int, found)
        ]
        x.append(rerank.features(pairs))
    return DebunkQuery(len(texts), np.concatenate(query), np.concatenate(answer), np.vstack(x))


def digest(text: str) -> int:
    """By which a report is known again: 63 bits of its normalized text."""
    return (
        int.from_bytes(hashlib.sha256(normalize(text).encode("utf-8", "replace")).digest()[:8]) >> 1
    )


def _figures(
    values: np.ndarray, asked: DebunkQuery, relevant: np.ndarray, name: str
) -> dict[str, float]:
    found = metrics.retrieval(asked.scores(values, relevant.shape[1]), relevant)
    return {f"{name}{key}": found[key] for key in ("r_at_1", "r_at_5", "map")}


def over_deals(
    asked: DebunkQuery, right: np.ndarray, claims: np.ndarray, relevant: np.ndarray, folds: int = 5
) -> dict[str, float]:
    """{deals, r_at_1, r_at_5, map}, means over `DEALS` deals of the folds by claim, and of each the
    `_least` and the `_most`: one deal alone is luck."""
    from classifiers.train.debunk import out_of_fold  # brings scikit-learn

    each = [
        _figures(out_of_fold(asked, right, claims, folds, deal), asked, relevant, "")
        for deal in range(DEALS)
    ]
    found: dict[str, float] = {"deals": DEALS}
    for name in each[0]:
        of = [figures[name] for figures in each]
        found |= {name: float(np.mean(of)), f"{name}_least": min(of), f"{name}_most": max(of)}
    return found


def evaluate(path: Path, claims: Path, folds: int = 0) -> dict[str, Any]:
    """{n, seen, r_at_1, r_at_5, map, likeness_..., shipped_...}: reports of `path` looked up among
    all claims of `claims`. With `folds`, trees are grown anew so often, each without the claims
    of one fold, and asked for these, in several deals of the folds."""
    reports, model = read_rows(path), build.load_default()
    library = Library.read(read_rows(claims), model)
    asked = ask([row["text"] for row in reports], library, model)
    truth = np.array([row["claim_id"] for row in reports])
    relevant = truth[:, None] == library.ids[None, :]
    shipped = rerank.shipped()
    known = set() if shipped is None else set(shipped.seen.tolist())
    seen = sum(digest(row["text"]) in known for row in reports)
    found = {
        "n": len(reports),
        "seen": seen,
        **_figures(asked.x[:, rerank.BLEND], asked, relevant, "likeness_"),
    }
    if shipped is not None:
        own = shipped.trees.probabilities(asked.x)
        found |= _figures(own, asked, relevant, "shipped_")
        if not seen and not folds:
            found |= _figures(own, asked, relevant, "")
    if folds:
        right = relevant[asked.query, asked.answer]
        found |= {"folds": folds, **over_deals(asked, right, truth, relevant, folds)}
    return metrics.rounded(found)
