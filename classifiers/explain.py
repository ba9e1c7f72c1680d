"""Cues: the reporter's own words that a verdict is based on.

Every rule and model reads an *aligned* view of the text: half width, Simplified,
lower case, and exactly as long as the original, so that a position found in the view
is a position in the text an officer sees.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import opencc


@dataclass(frozen=True)
class Cue:
    """A span of the original text: `text == original[start:end]`."""

    text: str
    start: int
    end: int


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _folded(char: str) -> str:
    """One character folded to one character (NFKC, lower case), else itself."""
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # a lone surrogate cannot be encoded for the converter
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char


def aligned(text: str) -> str:
    """A view of `text` of the same length: NFKC, lower case, Simplified, one line.

    Folding goes character by character, and the conversion is kept only where it kept
    the length, because a cue must point into the original.
    """
    view = "".join(map(_folded, text))
    simplified = _to_simplified().convert(view)
    return simplified if len(simplified) == len(view) else view


def cue(text: str, start: int, end: int) -> Cue:
    """The cue of `text` from `start` to `end`."""
    return Cue(text[start:end], start, end)


def find_terms(text: str, view: str, terms: Iterable[str], most: int = 6) -> list[Cue]:
    """First place in `view` of each term, as cues of `text`, in text order.

    `terms` are ordered by weight; later ones that overlap are dropped.
    """
    cues: list[Cue] = []
    for term in terms:
        start = view.find(term)
        if start < 0 or any(start < c.end and c.start < start + len(term) for c in cues):
            continue
        cues.append(cue(text, start, start + len(term)))
        if len(cues) == most:
            break
    return sorted(cues, key=lambda c: c.start)


def merge(cues: Iterable[Cue]) -> list[Cue]:
    """The same spans in text order, each once and none inside another."""
    kept: list[Cue] = []
    for candidate in sorted(set(cues), key=lambda c: (c.start, -c.end)):
        if not kept or candidate.end > kept[-1].end:
            kept.append(candidate)
    return kept
