"""Lexical similarity: TF-IDF cosine over single characters and character pairs.

Dense vectors lose names and places; this keeps them. Terms are hashed into 2^17 slots,
whose inverse document frequencies are an array fitted by `classifiers.train.matching`.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from classifiers import registry
from classifiers.normalize import skeleton

FILE = "idf.safetensors"
SLOT_BITS = 17
# Later characters are ignored: like the encoder, this reads the beginning of a long text.
MAX_CHARS = 400
# Rarity of a term is its weight above this, the weight of a term in one text of 150.
RARE = 6.0
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: multiplicative hashing


def terms(normalized: str) -> np.ndarray:
    """Slots (int64) of the text's characters and pairs of neighbours, with repetitions."""
    raw = skeleton(normalized[:MAX_CHARS]).encode("utf-32-le", "replace")
    points = np.frombuffer(raw, "<u4").astype(np.uint64)
    pairs = (points[:-1] << np.uint64(21)) + points[1:] + np.uint64(1 << 50)
    mixed = np.concatenate([points, pairs]) * _MIX
    return (mixed >> np.uint64(64 - SLOT_BITS)).astype(np.int64)


# The wordings of a spreading claim are compared with each new one: 1,000 take 8 MB.
@functools.lru_cache(maxsize=1_000)
def counted(normalized: str) -> tuple[np.ndarray, np.ndarray]:
    """The slots of the text's terms, ascending, and how often each occurs; not to be changed."""
    return np.unique(terms(normalized), return_counts=True)


@dataclass(frozen=True)
class SharedTerms:
    """What n pairs of texts share, (n,) each: TF-IDF `cosine`; the weight of the common terms as
    a share `of_first` and `of_second`; the weight of the `rare` ones among them."""

    cosine: np.ndarray
    of_first: np.ndarray
    of_second: np.ndarray
    rare: np.ndarray


@dataclass(frozen=True)
class Lexicon:
    """`idf`: float32 (131072,), the weight of a term by its slot."""

    idf: np.ndarray

    def cosines(self, query: str, texts: Sequence[str]) -> np.ndarray:
        """float32 (n,): TF-IDF cosine of a normalized query to each normalized text."""
        if not texts:
            return np.zeros(0, np.float32)
        asked, weights = self._weighed(query)
        if not len(asked):
            return np.zeros(len(texts), np.float32)
        norm = np.linalg.norm(weights)
        found = [self._weighed(text) for text in texts]
        slots = np.concatenate([slots for slots, _ in found])
        theirs = np.concatenate([weights for _, weights in found])
        owner = np.repeat(np.arange(len(found)), [len(slots) for slots, _ in found])
        at = np.searchsorted(asked, slots).clip(0, len(asked) - 1)
        ours = np.where(asked[at] == slots, weights[at], 0.0)
        norms = np.sqrt(np.bincount(owner, theirs**2, len(found)))
        dots = np.bincount(owner, ours * theirs, len(found))
        cosines: np.ndarray = (dots / np.maximum(norms * norm, 1e-9)).astype(np.float32)
        return cosines

    def _weighed(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The slots of a text's terms, ascending, and the weight of each."""
        slots, counts = counted(text)
        return slots, (1 + np.log(counts)) * self.idf[slots]

    def shared(self, first: Sequence[str], second: Sequence[str]) -> SharedTerms:
        """What each normalized text of `first` shares with that of `second` in its place."""
        unique = {text: row for row, text in enumerate(dict.fromkeys([*first, *second]))}
        found = [counted(text) for text in unique]
        ends = np.cumsum([0, *(len(slots) for slots, _ in found)])
        slots = np.concatenate([slots for slots, _ in found])
        counts = np.concatenate([counts for _, counts in found])
        shape = (len(unique), 1 << SLOT_BITS)
        weights = sp.csr_matrix(((1 + np.log(counts)) * self.idf[slots], slots, ends), shape)
        there = sp.csr_matrix((np.ones(len(slots)), slots, ends), shape)
        norms = np.sqrt(weights.multiply(weights) @ np.ones(shape[1]))
        total = there @ self.idf
        a, b = ([unique[text] for text in side] for side in (first, second))
        common = there[a].multiply(there[b]).tocsr()
        weight = common @ self.idf
        dots = weights[a].multiply(weights[b]) @ np.ones(shape[1])
        return SharedTerms(
            dots / np.maximum(norms[a] * norms[b], 1e-9),
            weight / np.maximum(total[a], 1e-9),
            weight / np.maximum(total[b], 1e-9),
            common @ np.maximum(self.idf - RARE, 0),
        )

    def save(self, path: Path) -> None:
        """Write the weights as half floats."""
        from safetensors.numpy import save_file

        save_file({"idf": self.idf.astype(np.float16)}, path)


def fit(texts: Sequence[str]) -> Lexicon:
    """Smoothed inverse document frequencies, log((1+n)/(1+df)) + 1, over normalized texts."""
    seen = np.zeros(1 << SLOT_BITS)
    for text in texts:
        seen[np.unique(terms(text))] += 1
    return Lexicon((np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32))


@functools.cache
def shipped() -> Lexicon:
    """The lexicon among the artifacts. Raises ArtifactError if it is missing or altered."""
    from safetensors.numpy import load_file

    manifest = registry.verified(registry.SAME_CLAIM)
    if FILE not in manifest.files:
        raise registry.ArtifactError(f"{registry.SAME_CLAIM}: no {FILE}")
    return Lexicon(load_file(registry.SAME_CLAIM / FILE)["idf"].astype(np.float32))
