"""Ways to find repeats in a stream: what other systems do, and ours. Each takes texts in order
and returns the claim of each; a claim is named by the position of the text that opened it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from rensa import RMinHash, RMinHashLSH

from classifiers import matching
from classifiers.encoder import Encoder
from classifiers.matching import Candidate, View
from classifiers.normalize import normalize, text_key
from tests.bench.stream import Way, nearest

PERMUTATIONS = 128
JACCARD = 0.5  # for the two MinHash libraries, which have no threshold of their own
BATCH = 32
NEAREST = 20


def _shingles(text: str) -> list[str]:
    return [text[i : i + 3] for i in range(max(len(text) - 2, 1))]


def datasketch(texts: Sequence[str]) -> list[int]:
    """MinHash LSH as its documentation shows it: the first found joins."""
    index = MinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS)
    claims: list[int] = []
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([each.encode() for each in set(_shingles(text))])
        found = index.query(sketch)
        claims.append(claims[min(found)] if found else i)
        index.insert(i, sketch)
    return claims


def rensa(texts: Sequence[str]) -> list[int]:
    """The same with rensa."""
    index = RMinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS, num_bands=32)
    claims: list[int] = []
    for i, text in enumerate(texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=7)
        sketch.update(_shingles(text))
        found = index.query(sketch)
        claims.append(claims[min(found)] if found else i)
        index.insert(i, sketch)
    return claims


def simhash(texts: Sequence[str]) -> list[int]:
    """64 bits over runs of three characters (Charikar 2002), within 3 bits of each other
    (Manku 2007), by a scan."""
    known = np.zeros(len(texts), np.uint64)
    claims: list[int] = []
    for i, text in enumerate(texts):
        raw = b"".join(
            hashlib.blake2b(each.encode(), digest_size=8).digest() for each in _shingles(text)
        )
        bits = np.unpackbits(np.frombuffer(raw, np.uint8).reshape(-1, 8), axis=1)
        print_ = np.packbits(bits.mean(0) > 0.5).view(np.uint64)[0]
        near = np.flatnonzero(np.bitwise_count(known[:i] ^ print_) <= 3)
        claims.append(claims[near[0]] if len(near) else i)
        known[i] = print_
    return claims


def cofacts(texts: Sequence[str]) -> list[int]:
    """The twenty sharing most character pairs, then Dice of the pairs from .95 on."""
    by_pair: dict[str, list[int]] = defaultdict(list)
    pairs: list[set[str]] = []
    claims: list[int] = []
    for i, text in enumerate(texts):
        own = {text[k : k + 2] for k in range(max(len(text) - 1, 1))}
        shared = Counter(j for pair in own for j in by_pair[pair])
        best = max(
            ((2 * n / (len(own) + len(pairs[j])), -j) for j, n in shared.most_common(20)),
            default=(0.0, 0),
        )
        claims.append(claims[-best[1]] if best[0] >= 0.95 else i)
        pairs.append(own)
        for pair in own:
            by_pair[pair].append(i)
    return claims


def hma(texts: Sequence[str]) -> list[int]:
    """A scan for texts within 5% of edits (Levenshtein)."""
    claims: list[int] = []
    for i, text in enumerate(texts):
        found = process.extractOne(
            text, texts[:i], scorer=Levenshtein.normalized_similarity, score_cutoff=0.95
        )
        claims.append(claims[found[2]] if found else i)
    return claims


class _Known:
    """Distinct wordings met so far, with the look-ups the hub has."""

    def __init__(self, most: int, dim: int) -> None:
        self.by_key: dict[str, int] = {}  # to the wording's claim
        self._by_band: dict[int, list[int]] = defaultdict(list)
        self._views: list[View] = []
        self._claims: list[int] = []
        self._vectors = np.zeros((most, dim), np.float32)

    def with_twin(self, view: View) -> View:
        """As `hub.services.rumors.neighbours.with_twins`: a near-copy with the vector it needs."""
        candidates = self._sharing_a_band(view, lambda i: self._views[i].vector_of is None)
        found = matching.twin(view, candidates)
        if found is None:
            return view
        return dataclasses.replace(view, vector=self._vectors[found.id], vector_of=found.id)

    def near(self, view: View, signed: bool = True) -> list[Candidate]:
        """The nearest by vector and, if `signed`, those that share a band."""
        vectors = self._vectors[: len(self._views)]
        nearest_ = nearest(vectors, view.vector, NEAREST)
        cosines = (vectors[nearest_] @ view.vector).tolist()
        found = {c.id: c for c in (self._sharing_a_band(view) if signed else ())}
        for i, cosine in zip(nearest_.tolist(), cosines, strict=True):
            found[i] = self._candidate(i, cosine, signed)
        return list(found.values())

    def _sharing_a_band(
        self, view: View, wanted: Callable[[int], bool] = lambda i: True
    ) -> list[Candidate]:
        shared = Counter(i for band in view.fingerprint.bands for i in self._by_band[band])
        return [self._candidate(i, None) for i, _ in shared.most_common(50) if wanted(i)]

    def _candidate(self, i: int, cosine: float | None, signed: bool = True) -> Candidate:
        known = self._views[i]
        signature = known.fingerprint.signature if signed else None
        return Candidate(i, self._claims[i], known.text, signature, cosine)

    def add(self, view: View, claim: int) -> None:
        at = len(self._views)
        self._views.append(view)
        self._claims.append(claim)
        self._vectors[at] = view.vector
        self.by_key.setdefault(view.key, claim)
        for band in view.fingerprint.bands:
            self._by_band[band].append(at)


def _joined(view: View, candidates: list[Candidate], otherwise: int) -> int:
    found = matching.decide(view, candidates)
    return found[0].candidate.claim if found and found[0].verdict == "same" else otherwise


def encoder_alone(encoder: Encoder) -> Way:
    """Every text is encoded and compared with the nearest vectors."""

    def way(texts: Sequence[str]) -> list[int]:
        known = _Known(len(texts), encoder.dim)
        claims: list[int] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            for i, view in enumerate(matching.views(batch, encoder), start):
                claims.append(_joined(view, known.near(view, signed=False), i))
                known.add(view, claims[i])
        return claims

    return way


def cascade(encoder: Encoder, twins: bool = True) -> Way:
    """What the hub does, its index in memory: copies by key, near-copies with the vector of
    their twin, the rest encoded as one batch. Without `twins` every new wording is encoded."""

    def way(texts: Sequence[str]) -> list[int]:
        known = _Known(len(texts), encoder.dim)
        claims: list[int] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            keys = [text_key(normalize(text)) for text in batch]
            new = {k: i for i, k in reversed([*enumerate(keys)]) if k not in known.by_key}
            seen = [matching.view(batch[i]) for i in sorted(new.values())]
            if twins:
                seen = [known.with_twin(view) for view in seen]
            for view in matching.encoded(seen, encoder):
                known.add(view, _joined(view, known.near(view), start + new[view.key]))
            claims += [known.by_key[key] for key in keys]
        return claims

    return way


OTHERS: dict[str, Callable[[Sequence[str]], list[int]]] = {
    "datasketch MinHash LSH": datasketch,
    "rensa": rensa,
    "SimHash, 3 bits": simhash,
    "Cofacts' way": cofacts,
    "HMA's way": hma,
}
