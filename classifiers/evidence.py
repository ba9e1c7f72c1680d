"""Evidence text of a report: the text in its pictures and videos, cleaned.

On-screen text comes from OCR frame by frame: repeated lines, the channel's mark in a corner,
fragments of misread text. `clean` keeps each line once.
"""

import functools
import re
from pathlib import Path

from classifiers.normalize import CJK, folded, normalize

# Frames are separated by line breaks or tabs.
_FRAME = re.compile(r"[\t\r\n\v\f\u2028\u2029]+")
_HAN = re.compile(f"[{CJK}]")
# A name of two to four characters before one of these words is a channel's.
_CHANNEL = re.compile(
    rf"(?<!\S)[{CJK}]{{2,4}}(?:新闻|视频|日报|晚报|晨报|时报|商报|青年报|都市报|电视台?|广播|频道"
    r"|卫视|观察|资讯|融媒|传媒|在线|发布|播报)"
)
# A frame with fewer Chinese characters was misread, or is a clock, a price tag, a logo.
LEAST = 4
# Share of neighbouring characters from which two frames show one line, read twice.
SAME_LINE = 0.6
# At most this much is read and kept: the encoder's window holds 220 characters.
MAX_READ, MAX_KEPT = 20_000, 200


@functools.cache
def _marks() -> re.Pattern[str]:
    lines = (Path(__file__).parent / "lexicon" / "screen_marks.txt").read_text("utf-8")
    listed = {word for line in lines.splitlines() if line[:1] != "#" for word in line.split()}
    return re.compile("|".join(map(re.escape, sorted(listed, key=len, reverse=True))))


def beside(text: str, raw: str | None) -> str:
    """`text` followed by the evidence text: what is matched and classified. Next to a long text
    the evidence hardly counts, next to "看看这个" it is all there is."""
    shown = clean(raw) if raw else ""
    return f"{text}\n{shown}" if shown and shown not in text else text


def clean(raw: str) -> str:
    """The normalized words of an evidence text, each line once, without the marks of platforms
    and channels; empty where nothing readable is left. Lines in other scripts than Chinese are
    skipped: in on-screen text they are mostly misread."""
    kept: list[str] = []
    lines: list[set[str]] = []
    tokens: set[str] = set()
    size = 0
    for frame in _FRAME.split(raw[:MAX_READ]):
        words = _CHANNEL.sub(" ", _marks().sub(" ", folded(frame))).split()
        fresh = [word for word in words if len(word) < 2 or word not in tokens]
        tokens.update(words)
        line = "".join(_HAN.findall("".join(fresh)))
        if len(line) < LEAST or _read_before(pairs := _pairs(line), lines):
            continue
        lines.append(pairs)
        kept.append(" ".join(fresh))
        size += len(kept[-1])
        if size >= MAX_KEPT:
            break
    return normalize(" ".join(kept))[:MAX_KEPT] if kept else ""


def _pairs(line: str) -> set[str]:
    return {line[i : i + 2] for i in range(len(line) - 1)}


def _read_before(line: set[str], lines: list[set[str]]) -> bool:
    """Whether an earlier line contains it: most of the shorter one is in the other, and this one
    adds little."""
    return any(
        len(line & known) >= SAME_LINE * min(len(line), len(known))
        and len(line) <= 1.3 * len(known)
        for known in lines
    )
