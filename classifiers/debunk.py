"""Which checked claims a wording might repeat.

Trees score each pair of wording and claim (`classifiers.rerank`). Their thresholds differ from
those of claims, because nothing is joined here: a person reads what is shown. Without intact
trees, a blend of similarity to the claim and to claim and explanation ranks instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers import rerank
from classifiers.matching import details_differ
from classifiers.normalize import is_generic, normalize
from classifiers.rerank import TextAndClaim

NEAR = 0.38  # of the blend: shown to an officer from here on
CLOSE = 0.48  # of the blend: very likely the same claim from here on
MAX_EXPLANATION = 400  # characters of an explanation that are read


@dataclass(frozen=True)
class NearDebunk:
    """`likeness`: how likely both are about one thing, 0 to 1; `close`: very likely."""

    pair: TextAndClaim
    likeness: float
    close: bool


def with_explanation(claim: str, explanation: str) -> str:
    """A normalized claim with its explanation, as published: explaining a rumor repeats it in
    more words."""
    return f"{claim} {normalize(explanation[:MAX_EXPLANATION])}" if explanation else claim


def probabilities(pairs: Sequence[TextAndClaim]) -> tuple[list[float], float, float]:
    """The probability that each pair is about one thing, and the thresholds of near and close."""
    model, found = rerank.shipped(), rerank.features(pairs)
    if model is None:
        return found[:, rerank.BLEND].tolist(), NEAR, CLOSE
    bounds = model.settings
    return model.trees.probabilities(found).tolist(), bounds["near"], bounds["close"]


def nearest(pairs: Sequence[TextAndClaim], limit: int | None = 3) -> list[NearDebunk]:
    """The pairs above the threshold, most similar first; `limit` None: all.

    A generic wording is near to none; one that differs from a claim by a
    number or a place alone is never close.
    """
    kept = [pair for pair in pairs if not is_generic(pair.wording)]
    if not kept:
        return []
    scores, near, close = probabilities(kept)
    found = [
        NearDebunk(pair, score, score >= close and not details_differ(pair.wording, pair.claim))
        for pair, score in zip(kept, scores, strict=True)
        if score >= near
    ]
    return sorted(found, key=lambda each: -each.likeness)[:limit]
