"""Whether two wordings are about one claim.

Three methods in order of cost: the same normalized text, MinHash near-duplicate, and likeness
to the claim as a whole: similarity of sentence vectors blended with lexical similarity, averaged
over the claim's first wordings. The last two have two thresholds each, chosen by
`classifiers.train.matching` and kept in the manifest: above `same` a report may join the claim,
above `suggest` a person is asked.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from classifiers import fingerprint, lexical, normalize, registry
from classifiers.encoder import Encoder
from classifiers.fingerprint import Fingerprint
from classifiers.regions import REGION_CODES

# Texts of fewer words are similar to too many claims to join one by likeness: see `_briefly`.
SHORT_WORDS = 8
# Jaccard of the remaining text from which two wordings are one but for their details.
NEAR_DUPLICATE = 0.5
# The earliest wordings of a claim, which represent the whole.
FIRST = 8
# A text that would join so many claims is a commonplace, and joins none.
CROWD = 6

Verdict = Literal["same", "suggest"]
Method = Literal["exact", "minhash", "embedding"]


@dataclass(frozen=True)
class View:
    """One text as the matcher sees it; `text` is normalized, `vector` float32 unit (dim,), empty
    before it is encoded. `vector_of`: the known wording whose vector is reused, None for its own.
    `middle`: (tokens, m) states of the encoder's middle, of the same pass; no rows where there
    was none."""

    text: str
    key: str
    words: int
    generic: bool
    fingerprint: Fingerprint
    vector: np.ndarray
    vector_of: int | None = None
    middle: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))


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
    """`score`: 1 for exact, the estimated Jaccard for minhash, for embedding the mean `likeness`
    to the claim's first wordings (of a short text the mean cosine); `limit`: that from which it is
    the same. `candidate`: the nearest wording."""

    verdict: Verdict
    method: Method
    score: float
    candidate: Candidate
    limit: float = 1.0


# The thresholds of a promoted file; {} while the shipped ones are used.
_promoted: dict[str, dict[str, float]] = {}


def use_thresholds(directory: Path | None, encoder: str = "") -> None:
    """Use the thresholds in `directory` in this process; None: the shipped ones.

    Raises ArtifactError, and uses the shipped ones, for an altered directory and for thresholds
    of another encoder version.
    """
    global _promoted
    _promoted = {}
    if directory is None:
        return
    found = registry.verified(directory).settings
    if found.get("encoder") != encoder:
        raise registry.ArtifactError(f"{directory}: thresholds of another encoder")
    _promoted = found["thresholds"]


@functools.cache
def settings() -> dict[str, Any]:
    """`thresholds` by method, `lexical_share`, `short_same` and `pair_threshold` of the shipped
    manifest."""
    return dict(registry.verified(registry.SAME_CLAIM).settings)


def thresholds() -> dict[str, dict[str, float]]:
    """`{"minhash": {"same", "suggest"}, "embedding": {"same", "agree", "suggest"}}`."""
    return _promoted or settings()["thresholds"]


def view(text: str) -> View:
    """The view of a raw text, not encoded yet."""
    text = normalize.normalize(text)
    return View(
        text,
        normalize.text_key(text),
        normalize.word_count(text),
        normalize.is_generic(text),
        fingerprint.fingerprint(text),
        np.zeros(0, np.float32),
    )


def encoded(seen: Sequence[View], encoder: Encoder) -> list[View]:
    """The same views, those without a vector encoded in one batch."""
    bare = [i for i, each in enumerate(seen) if not len(each.vector)]
    whole = list(seen)
    states = zip(*encoder.states([seen[i].text for i in bare]), strict=True)
    for i, (vector, middle) in zip(bare, states, strict=True):
        whole[i] = replace(seen[i], vector=vector, middle=middle)
    return whole


def views(texts: Sequence[str], encoder: Encoder) -> list[View]:
    """Views of raw texts, encoded in one batch."""
    return encoded([view(text) for text in texts], encoder)


def twin(query: View, candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate that `query` repeats but for a few characters, whose vector can be reused.

    None for a short or generic text, and where a number or a place differs.
    """
    if query.generic or query.words < SHORT_WORDS:
        return None
    copies = [match for match in _copies(query, candidates) if match.verdict == "same"]
    best = max(copies, key=_order, default=None)
    if best is None or details_differ(query.text, best.candidate.text):
        return None
    return best.candidate


def likeness(text: str, candidates: Sequence[Candidate]) -> list[float | None]:
    """Cosine of the vectors blended with the TF-IDF cosine of the texts, at most 1.

    The blend is (1-s) dense + s lexical, s being the manifest's `lexical_share`. None where
    a candidate has no cosine.
    """
    share = settings()["lexical_share"]
    wording = lexical.shipped().cosines(text, [c.text for c in candidates])
    return [
        None if c.cosine is None else float((1 - share) * c.cosine + share * alike)
        for c, alike in zip(candidates, wording, strict=True)
    ]


def within_reach(query: View, candidates: Sequence[Candidate]) -> set[int]:
    """Claims that `query` might join or be suggested to; `decide` needs their first wordings."""
    lowest = thresholds()["embedding"]["suggest"]
    alike = likeness(query.text, candidates)
    return {c.claim for c, a in zip(candidates, alike, strict=True) if a is None or a >= lowest}


def decide(query: View, candidates: Sequence[Candidate]) -> list[Match]:
    """What the query repeats, best first and each claim once; 'same' at most once, then first.

    `candidates`: the nearest wordings, and the first `FIRST` of each claim `within_reach`. A
    text without words repeats nothing; a generic one, or a candidate that is, only its identical
    wording. Short texts that are not almost the same, copies with another number or place,
    and texts that fit `CROWD` claims are suggested.
    """
    if not query.fingerprint.bands:
        return []
    alike = dict(zip(candidates, likeness(query.text, candidates), strict=True))
    by_claim: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in sorted(alike, key=lambda c: c.id):
        by_claim[candidate.claim].append(candidate)
    compared = (_compare(query, members, alike) for members in by_claim.values())
    found = sorted(filter(None, compared), key=_order, reverse=True)
    same = [match for match in found if match.verdict == "same"]
    crowded = len(same) >= CROWD and same[0].method != "exact"
    return [m if i == 0 and not crowded else _suggested(m) for i, m in enumerate(found)]


def _order(match: Match) -> tuple[bool, bool, float]:
    return match.verdict == "same", match.method == "exact", strength(match)


def strength(match: Match) -> float:
    """Scores of the methods on one scale: 0 at its `suggest` threshold, 1 at `same`."""
    if match.method == "exact":
        return float("inf")
    lowest = thresholds()[match.method]["suggest"]
    return (match.score - lowest) / (match.limit - lowest)


def _suggested(match: Match) -> Match:
    return replace(match, verdict="suggest")


def _compare(
    query: View, members: Sequence[Candidate], alike: Mapping[Candidate, float | None]
) -> Match | None:
    """The match of the query with one claim's wordings; None where it is far from all of them."""
    for each in members:
        if normalize.text_key(each.text) == query.key:
            return Match("same", "exact", 1.0, each)
    if query.generic:
        return None
    members = [each for each in members if not normalize.is_generic(each.text)]
    matches = [*_copies(query, members), *_alike(members, alike)]
    best = max(matches, key=_order, default=None)
    if best is None or best.verdict == "suggest":
        return best
    if query.words < SHORT_WORDS:
        best = _briefly(members, best)
    if details_differ(query.text, best.candidate.text):
        return _suggested(best)
    return best


def _briefly(members: Sequence[Candidate], best: Match) -> Match:
    """The verdict on a short text that `best` would let join. In so few words a single one makes
    the claim, and sharing the others means little (姜汤 and 鸡汤 against the flu): only the vectors
    count, those of the claim's first wordings that are short too, and they must be almost equal."""
    short = [
        (each.cosine, each)
        for each in members[:FIRST]
        if each.cosine is not None and normalize.word_count(each.text) < SHORT_WORDS
    ]
    if not short:
        return _suggested(best)
    mean = sum(cosine for cosine, _ in short) / len(short)
    nearest = max(short, key=lambda pair: pair[0])[1]
    return _judged("embedding", mean, nearest, settings()["short_same"])


def _copies(query: View, members: Sequence[Candidate]) -> Iterator[Match]:
    limit = thresholds()["minhash"]
    for each in members:
        if not each.signature:
            continue
        overlap = fingerprint.jaccard(query.fingerprint.signature, each.signature)
        if overlap >= limit["suggest"]:
            yield _judged("minhash", overlap, each, limit["same"])


def _alike(
    members: Sequence[Candidate], alike: Mapping[Candidate, float | None]
) -> Iterator[Match]:
    """By likeness a text joins the claim it resembles as a whole, not a single member: the mean
    over the first wordings keeps claims from chaining into each other. With two wordings or more
    the threshold is lower than with one. Near to one member only, it is suggested."""
    measured = [(score, each) for each in members if (score := alike[each]) is not None]
    limit = thresholds()["embedding"]
    if not measured:
        return
    nearest, near = max(measured, key=lambda pair: pair[0])
    if nearest >= limit["suggest"]:
        first = [score for score, _ in measured[:FIRST]]
        same = limit["agree" if len(first) > 1 else "same"]
        yield _judged("embedding", sum(first) / len(first), near, same)


def _judged(method: Method, score: float, candidate: Candidate, same: float) -> Match:
    return Match("same" if score >= same else "suggest", method, score, candidate, same)


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLACE = re.compile("|".join(sorted(REGION_CODES, key=len, reverse=True)))


def numbers(text: str) -> set[str]:
    """The numbers in figures that a normalized text gives."""
    return set(_NUMBER.findall(text))


def places(text: str) -> set[str]:
    """The provinces and larger cities that a normalized text names."""
    return set(_PLACE.findall(text))


def details_differ(a: str, b: str) -> bool:
    """Whether near-duplicates differ only in a number or a place, and so are two claims.

    Otherwise different wordings may give a date in one and a price in the other; where all else
    is equal, another number or city is the difference.
    """
    differing = [
        details for details in (numbers, places) if _neither_contains(details(a), details(b))
    ]
    if not differing:
        return False
    one, other = (fingerprint.grams(_PLACE.sub("", _NUMBER.sub("", text))) for text in (a, b))
    return len(one & other) >= NEAR_DUPLICATE * len(one | other)


def _neither_contains(one: set[str], other: set[str]) -> bool:
    return not (one <= other or other <= one)
