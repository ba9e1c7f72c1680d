"""Whether two wordings are about one claim.

Three methods in order of cost: the same normalized text, MinHash near-duplicate, nearness of
sentence vectors. Each has two thresholds, chosen by `classifiers.train.matching` and kept in
the manifest: above `same` a report may join the claim, above `suggest` a person is asked.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from classifiers import fingerprint, head, normalize, registry
from classifiers.encoder import Encoder
from classifiers.fingerprint import Fingerprint

# Below this many words a text fits too many claims to join one by likeness.
SHORT_WORDS = 8

Verdict = Literal["same", "suggest"]
Method = Literal["exact", "minhash", "embedding"]


@dataclass(frozen=True)
class View:
    """One text as the matcher sees it; `text` is normalized, `vector` float32 unit (dim,)."""

    text: str
    key: str
    words: int
    generic: bool
    fingerprint: Fingerprint
    vector: np.ndarray


@dataclass(frozen=True)
class Candidate:
    """A known wording that the query might repeat.

    `text` is normalized; `signature` its MinHash (None: not compared by it); `cosine` that of
    the two vectors (None: not compared by it).
    """

    id: int
    claim: int
    text: str
    signature: bytes | None
    cosine: float | None


@dataclass(frozen=True)
class Match:
    """`score` is 1 for exact, the estimated Jaccard for minhash, the cosine for embedding."""

    verdict: Verdict
    method: Method
    score: float
    candidate: Candidate


@functools.cache
def thresholds() -> dict[str, Any]:
    """`{"minhash": {"same", "suggest"}, "embedding": {...}}` of the shipped manifest."""
    return dict(registry.verified(head.DIRECTORY).settings["thresholds"])


def views(texts: Sequence[str], encoder: Encoder) -> list[View]:
    """Views of raw texts, encoded in one batch."""
    normalized = [normalize.normalize(text) for text in texts]
    vectors = encoder.encode(normalized)
    return [
        View(
            text,
            normalize.text_key(text),
            normalize.word_count(text),
            normalize.is_generic(text),
            fingerprint.fingerprint(text),
            vector,
        )
        for text, vector in zip(normalized, vectors, strict=True)
    ]


def decide(query: View, candidates: Sequence[Candidate]) -> list[Match]:
    """What the query repeats, best first; 'same' at most once, and then first.

    A text without words repeats nothing; a generic one, or a candidate that is, only its
    identical wording. Short texts, and wordings that name other numbers, are suggested.
    """
    if not query.fingerprint.bands:
        return []
    found = [match for c in candidates if (match := _compare(query, c)) is not None]
    found.sort(key=_order, reverse=True)
    return [m if i == 0 else _suggested(m) for i, m in enumerate(found)]


def _order(match: Match) -> tuple[bool, bool, float]:
    return match.verdict == "same", match.method == "exact", strength(match)


def strength(match: Match) -> float:
    """Scores of the methods on one scale: 0 at its `suggest` threshold, 1 at `same`."""
    if match.method == "exact":
        return float("inf")
    limit = thresholds()[match.method]
    return (match.score - limit["suggest"]) / (limit["same"] - limit["suggest"])


def _suggested(match: Match) -> Match:
    return Match("suggest", match.method, match.score, match.candidate)


def _compare(query: View, candidate: Candidate) -> Match | None:
    if normalize.text_key(candidate.text) == query.key:
        return Match("same", "exact", 1.0, candidate)
    if query.generic or normalize.is_generic(candidate.text):
        return None
    measured: list[tuple[Method, float]] = []
    if candidate.signature:
        alike = fingerprint.jaccard(query.fingerprint.signature, candidate.signature)
        measured.append(("minhash", alike))
    if candidate.cosine is not None:
        measured.append(("embedding", candidate.cosine))
    matches = [_judge(method, score, candidate) for method, score in measured]
    best = max((m for m in matches if m), key=_order, default=None)
    if best is None or best.verdict == "suggest":
        return best
    if query.words < SHORT_WORDS or numbers_differ(query.text, candidate.text):
        return _suggested(best)
    return best


def _judge(method: Method, score: float, candidate: Candidate) -> Match | None:
    limit = thresholds()[method]
    if score >= limit["same"]:
        return Match("same", method, score, candidate)
    return Match("suggest", method, score, candidate) if score >= limit["suggest"] else None


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers_differ(a: str, b: str) -> bool:
    """Whether both texts give numbers and neither's are contained in the other's."""
    first, second = set(_NUMBER.findall(a)), set(_NUMBER.findall(b))
    return bool(first and second) and not (first <= second or second <= first)
