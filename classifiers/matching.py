"""Whether two wordings are about one claim.

Three methods in order of cost: the same normalized text, MinHash near-duplicate, and likeness:
nearness of sentence vectors blended with that of the wording. The last two have two thresholds
each, chosen by `classifiers.train.matching` and kept in the manifest: above `same` a report may
join the claim, above `suggest` a person is asked.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from classifiers import fingerprint, lexical, normalize, registry
from classifiers.encoder import Encoder
from classifiers.fingerprint import Fingerprint
from classifiers.regions import REGION_CODES

# Below this many words a text fits too many claims to join one by likeness.
SHORT_WORDS = 8
# Jaccard of the remaining text from which two wordings are one but for their details.
NEAR_DUPLICATE = 0.5

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
    """`score` is 1 for exact, the estimated Jaccard for minhash, `likeness` for embedding."""

    verdict: Verdict
    method: Method
    score: float
    candidate: Candidate


@functools.cache
def settings() -> dict[str, Any]:
    """`thresholds` by method, `lexical_share` and `pair_threshold` of the shipped manifest."""
    return dict(registry.verified(registry.SAME_CLAIM).settings)


def thresholds() -> dict[str, dict[str, float]]:
    """`{"minhash": {"same", "suggest"}, "embedding": {...}}`."""
    return settings()["thresholds"]


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


def likeness(text: str, candidates: Sequence[Candidate]) -> list[float | None]:
    """Cosine of the vectors blended with the TF-IDF cosine of the wording, at most 1.

    The blend is (1-s) dense + s lexical, s being the manifest's `lexical_share`. None where
    a candidate has no cosine.
    """
    share = settings()["lexical_share"]
    wording = lexical.shipped().cosines(text, [c.text for c in candidates])
    return [
        None if c.cosine is None else float((1 - share) * c.cosine + share * alike)
        for c, alike in zip(candidates, wording, strict=True)
    ]


def decide(query: View, candidates: Sequence[Candidate]) -> list[Match]:
    """What the query repeats, best first; 'same' at most once, and then first.

    A text without words repeats nothing; a generic one, or a candidate that is, only its
    identical wording. Short texts, and copies with another number or place, are suggested.
    """
    if not query.fingerprint.bands:
        return []
    alike = likeness(query.text, candidates)
    compared = (_compare(query, c, a) for c, a in zip(candidates, alike, strict=True))
    found = [match for match in compared if match is not None]
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


def _compare(query: View, candidate: Candidate, alike: float | None) -> Match | None:
    if normalize.text_key(candidate.text) == query.key:
        return Match("same", "exact", 1.0, candidate)
    if query.generic or normalize.is_generic(candidate.text):
        return None
    measured: list[tuple[Method, float]] = []
    if candidate.signature:
        overlap = fingerprint.jaccard(query.fingerprint.signature, candidate.signature)
        measured.append(("minhash", overlap))
    if alike is not None:
        measured.append(("embedding", alike))
    matches = [_judge(method, score, candidate) for method, score in measured]
    best = max((m for m in matches if m), key=_order, default=None)
    if best is None or best.verdict == "suggest":
        return best
    if query.words < SHORT_WORDS or details_differ(query.text, candidate.text):
        return _suggested(best)
    return best


def _judge(method: Method, score: float, candidate: Candidate) -> Match | None:
    limit = thresholds()[method]
    if score >= limit["same"]:
        return Match("same", method, score, candidate)
    return Match("suggest", method, score, candidate) if score >= limit["suggest"] else None


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLACE = re.compile("|".join(sorted(REGION_CODES, key=len, reverse=True)))


def details_differ(a: str, b: str) -> bool:
    """Whether one wording serves two claims: near-duplicates but for a number or a place.

    Wordings that differ anyway may give a date in one and a price in the other; where all else
    is the same, another number or city is the point.
    """
    differing = [
        detail
        for detail in (_NUMBER, _PLACE)
        if _neither_contains(set(detail.findall(a)), set(detail.findall(b)))
    ]
    if not differing:
        return False
    one, other = (fingerprint.grams(_PLACE.sub("", _NUMBER.sub("", text))) for text in (a, b))
    return len(one & other) >= NEAR_DUPLICATE * len(one | other)


def _neither_contains(one: set[str], other: set[str]) -> bool:
    return not (one <= other or other <= one)
