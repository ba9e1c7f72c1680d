"""Reranking of checked claims: boosted trees score how likely wording and claim are about one
thing.

A pair is scored independently of the other candidates, so that a small library is ranked like a
large one. scikit-learn grows the trees (`classifiers.boosted_trees`); here
only arrays are used.
"""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from classifiers import lexical, matching, registry

DEBUNK = registry.ARTIFACTS / "debunk"
FILE = "trees.safetensors"
# Blend of the likeness to the claim and to claim and explanation, where there are no trees.
LIKENESS, TOLD = 0.75, 0.25
FEATURES = (
    "cosine to the claim",
    "cosine to claim and explanation",
    "TF-IDF cosine to the claim",
    "TF-IDF cosine to both",
    "blend",
    "share of the claim in the wording",
    "share of the wording in both",
    "share of the wording in the claim",
    "rare terms shared with the claim",
    "rare terms shared with both",
    "share of the claim's numbers in the wording",
    "share of the wording's numbers in both",
    "share of the claim's places in the wording",
    "share of the wording's places in both",
    "length of the wording",
    "length of the claim",
    "length of both less the claim",
)
# Monotonic: higher values never make a pair less likely.
RISING = FEATURES[:10]
BLEND = FEATURES.index("blend")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TextAndClaim:
    """A wording beside a checked claim, both normalized. `told` is the claim with its explanation;
    `cosine` that of the wording's vector to the claim's, `told_cosine` to that of `told`."""

    id: int
    wording: str
    claim: str
    told: str
    cosine: float
    told_cosine: float


def features(pairs: Sequence[TextAndClaim]) -> np.ndarray:
    """float32 (n, 17), the columns named in `FEATURES`; a share of nothing is -1."""
    wordings, claims, both = (
        [getattr(pair, name) for pair in pairs] for name in ("wording", "claim", "told")
    )
    claim, told = (lexical.shipped().shared(wordings, side) for side in (claims, both))
    cosine, told_cosine = (
        np.array([getattr(pair, name) for pair in pairs]) for name in ("cosine", "told_cosine")
    )
    share = matching.settings()["lexical_share"]
    blend = LIKENESS * ((1 - share) * cosine + share * claim.cosine) + TOLD * told.cosine
    columns = [cosine, told_cosine, claim.cosine, told.cosine, blend]
    columns += [claim.of_second, told.of_first, claim.of_first, claim.rare, told.rare]
    for details in (matching.numbers, matching.places):
        said, asked, known = (_each(details, texts) for texts in (wordings, claims, both))
        columns += [_share(asked, said), _share(said, known)]
    lengths = [np.array([len(text) for text in side]) for side in (wordings, claims, both)]
    columns += [np.log1p(lengths[0]), np.log1p(lengths[1]), np.log1p(lengths[2] - lengths[1])]
    return np.stack(columns, axis=1).astype(np.float32)


def _each(details: Callable[[str], set[str]], texts: Sequence[str]) -> list[set[str]]:
    found = {text: details(text) for text in set(texts)}
    return [found[text] for text in texts]


def _share(wanted: Sequence[set[str]], there: Sequence[set[str]]) -> np.ndarray:
    pairs = zip(wanted, there, strict=True)
    return np.array([len(a & b) / len(a) if a else -1.0 for a, b in pairs])


@dataclass(frozen=True)
class Trees:
    """All trees' nodes in flat arrays: `feature` and `threshold` (N,); `children` (N, 2), the next
    node at or under the threshold and above it, a leaf pointing to itself; `value` (N,) of a leaf;
    `roots` (t,); `base` (1,), the initial value."""

    feature: np.ndarray
    threshold: np.ndarray
    children: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    base: np.ndarray

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """(n,) from features (n, f): the logistic of the sum over the trees."""
        at = np.tile(self.roots, (len(x), 1))
        rows = np.arange(len(x))[:, None]
        while True:
            above = x[rows, self.feature[at]] > self.threshold[at]
            below = self.children[at, above.astype(np.int8)]
            if (below == at).all():
                chances: np.ndarray = 1 / (1 + np.exp(-self.base[0] - self.value[at].sum(1)))
                return chances
            at = below


@dataclass(frozen=True)
class Reranker:
    """The trees; in `settings` the probabilities from which a claim is `near` and `close`;
    `seen`, int64 digests of the reports they learned from."""

    trees: Trees
    settings: Mapping[str, Any]
    seen: np.ndarray

    def save(self) -> None:
        """Write the arrays among the artifacts; the manifest is the caller's."""
        from safetensors.numpy import save_file

        arrays = {f.name: getattr(self.trees, f.name) for f in fields(Trees)} | {"seen": self.seen}
        save_file(
            {key: np.ascontiguousarray(array) for key, array in arrays.items()}, DEBUNK / FILE
        )


@functools.cache
def shipped() -> Reranker | None:
    """The trees among the artifacts; None, with an error in the log, where they are altered."""
    from safetensors.numpy import load_file

    try:
        manifest = registry.verified(DEBUNK)
        arrays = load_file(DEBUNK / FILE)
        seen = arrays.pop("seen")
        return Reranker(Trees(**arrays), manifest.settings, seen)
    except (registry.ArtifactError, KeyError, TypeError) as error:
        _log.error("debunks are ranked by likeness alone: %s", error)
        return None
