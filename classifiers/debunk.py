"""Which checked claims a wording might repeat.

The measure is that of `matching.likeness`, and a share of how much of the claim and its
explanation together the wording shares: who explains a rumor tells it again in more words. The
bounds are others than those of claims, because here nothing is joined: a person reads what is
shown. All were chosen on 1,792 reports against 3,329 checked claims and 1,000 ordinary news
titles (docs/matching.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers import lexical
from classifiers.matching import Candidate, details_differ, likeness
from classifiers.normalize import is_generic, normalize

EXPLAINED = 0.25  # share of the likeness to claim and explanation
NEAR = 0.38  # from here on worth an officer's look
CLOSE = 0.48  # from here on very likely the same claim
MAX_EXPLANATION = 400  # characters of an explanation that are read


@dataclass(frozen=True)
class Near:
    """`likeness` as `alike` measures it; `close`: very likely one claim."""

    candidate: Candidate
    likeness: float
    close: bool


def alike(
    text: str, candidates: Sequence[Candidate], explanations: Sequence[str], explanation: str = ""
) -> list[float | None]:
    """How alike a normalized text is to each candidate, at most 1; None where one has no cosine.

    On one side stand wordings, on the other claims with their `explanations`, as published: those
    of the candidates, or the `explanation` of the text.
    """
    explained = [_with(c.text, more) for c, more in zip(candidates, explanations, strict=True)]
    told = lexical.shipped().cosines(_with(text, explanation), explained)
    return [
        None if measured is None else (1 - EXPLAINED) * measured + EXPLAINED * float(again)
        for measured, again in zip(likeness(text, candidates), told, strict=True)
    ]


def _with(claim: str, explanation: str) -> str:
    return f"{claim} {normalize(explanation[:MAX_EXPLANATION])}" if explanation else claim


def nearest(
    text: str,
    candidates: Sequence[Candidate],
    explanations: Sequence[str] | None = None,
    explanation: str = "",
    limit: int | None = 3,
) -> list[Near]:
    """The candidates alike enough to a normalized text, likest first; `limit` None: all.

    Explanations as in `alike`. A wording that says nothing of its own is near to none; one that
    differs from a claim by a number or a place alone is never close.
    """
    if not candidates or is_generic(text):
        return []
    known = explanations or [""] * len(candidates)
    measured = zip(candidates, alike(text, candidates, known, explanation), strict=True)
    found = [
        Near(each, score, score >= CLOSE and not details_differ(text, each.text))
        for each, score in measured
        if score is not None and score >= NEAR
    ]
    return sorted(found, key=lambda near: -near.likeness)[:limit]
