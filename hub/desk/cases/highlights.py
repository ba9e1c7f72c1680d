"""Texts split into segments: the words that triggered a finding, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

# Invisible characters that change how a text reads: controls, directions, zero width, tags.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_TOKEN = re.compile(r"[A-Za-z0-9]+|\s+|.", re.S)
_SENTENCE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]?", re.S)
_CHARACTERS = 600  # tokens up to which two texts are compared character by character
_SENTENCES = 400
_ALIKE = 0.35  # below this two texts share only particles, and a diff would be noise


@dataclass(frozen=True)
class Segment:
    """A stretch of text; ``mark``: empty, cue, ins or del; ``why`` names what a cue led to."""

    text: str
    mark: str = ""
    why: str = ""


@dataclass(frozen=True)
class _Cue:
    start: int
    end: int
    why: str


def highlighted(text: str, assessment: dict[str, Any]) -> list[Segment]:
    """`text` with the words marked that triggered its classification."""
    cues = list(_cues(text, assessment))
    cuts = sorted({0, len(text)} | {c.start for c in cues} | {c.end for c in cues})
    segments = []
    for start, end in pairwise(cuts):
        whys = dict.fromkeys(c.why for c in cues if c.start <= start and end <= c.end)
        segments.append(Segment(text[start:end], "cue" if whys else "", "、".join(whys)))
    return segments


def _cues(text: str, assessment: dict[str, Any]) -> Iterator[_Cue]:
    for finding in assessment.get("violations") or []:
        for cue in finding.get("cues") or []:
            yield from _placed(text, cue, finding["label"])
    for cue in (assessment.get("rumor") or {}).get("cues") or []:
        yield from _placed(text, cue, "谣言写法")


def _placed(text: str, cue: dict[str, Any], why: str) -> Iterator[_Cue]:
    """The cue at its own position, else where the same words occur in this copy."""
    words, start = cue["text"], cue["start"]
    if text[start : start + len(words)] != words:
        start = text.find(words)
    if words and start >= 0:
        yield _Cue(start, start + len(words), why)


def compared(centre: str, text: str) -> list[Segment] | None:
    """`text` against the centre wording; None when it is wholly rewritten."""
    old, new = _cut(centre), _cut(text)
    if len(old) > _CHARACTERS or len(new) > _CHARACTERS:
        old = _SENTENCE.findall(centre)[:_SENTENCES]
        new = _SENTENCE.findall(text)[:_SENTENCES]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return None
    segments = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            segments.append(Segment("".join(new[c:d])))
            continue
        if b > a:
            segments.append(Segment("".join(old[a:b]), "del"))
        if d > c:
            segments.append(Segment("".join(new[c:d]), "ins"))
    return segments


def _cut(text: str) -> list[str]:
    return _TOKEN.findall(text)
