"""Which checked claims a wording might repeat.

The measure is that of `matching.likeness`; the bounds are others, because here nothing is
joined: a person reads what is shown. Both were chosen on 1,792 reports against 3,329 checked
claims (docs/models.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from classifiers.matching import Candidate, details_differ, likeness
from classifiers.normalize import is_generic

NEAR = 0.46  # from here on worth an officer's look
CLOSE = 0.57  # from here on very likely the same claim


@dataclass(frozen=True)
class Near:
    """`likeness` as in `matching.likeness`; `close`: very likely one claim."""

    candidate: Candidate
    likeness: float
    close: bool


def nearest(text: str, candidates: Sequence[Candidate], limit: int | None = 3) -> list[Near]:
    """The candidates alike enough to a normalized text, likest first; `limit` None: all.

    A wording that says nothing of its own is near to none; one that differs from a claim by a
    number or a place alone is never close.
    """
    if not candidates or is_generic(text):
        return []
    measured = zip(candidates, likeness(text, candidates), strict=True)
    found = [
        Near(each, alike, alike >= CLOSE and not details_differ(text, each.text))
        for each, alike in measured
        if alike is not None and alike >= NEAR
    ]
    return sorted(found, key=lambda near: -near.likeness)[:limit]
