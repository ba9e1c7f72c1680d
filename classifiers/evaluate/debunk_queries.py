"""Checked claims, and the wordings looked up among them as the product looks them up."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers import debunk, rerank
from classifiers.encoder import Encoder
from classifiers.normalize import normalize
from classifiers.rerank import TextAndClaim

CANDIDATES = 30  # by the claim's vector, and as many by that of claim and explanation


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
        published = (row.get("explanation") or row.get("explain") for row in rows)
        # Some libraries write a missing explanation as "nan".
        known = ("" if more in (None, "nan") else str(more) for more in published)
        told = [debunk.with_explanation(*both) for both in zip(claims, known, strict=True)]
        ids = np.array([row["id"] for row in rows])
        return cls(ids, claims, told, model.encode(claims), model.encode(told))


@dataclass(frozen=True)
class DebunkQueries:
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


def look_up(texts: Sequence[str], library: Library, model: Encoder) -> DebunkQueries:
    """Raw wordings paired with their candidates."""
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
    return DebunkQueries(len(texts), np.concatenate(query), np.concatenate(answer), np.vstack(x))


def digest(text: str) -> int:
    """63 bits of a hash of the normalized text, to recognize a report by."""
    return (
        int.from_bytes(hashlib.sha256(normalize(text).encode("utf-8", "replace")).digest()[:8]) >> 1
    )
