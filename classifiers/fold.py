"""Undoing disguises of a text, for rules and matching; officers see the original.

Evaders space a word out (口 罩), swap in characters that look or sound alike (囗罩, 口照), split
one in two (氵张价) or spell it in letters (kouzhao). `fold` undoes what can be undone safely and
keeps the original position of every character of its view. The variants are in
`lexicon/variants.txt`; sound-alikes are found for the few watched words there.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path

import opencc

from classifiers.explain import Cue
from classifiers.segment import is_word

_VARIANTS = Path(__file__).parent / "lexicon" / "variants.txt"
_DROPPED = {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn", "So", "Sk"}
_HAN = "㐀-䶿一-鿿豈-﫿〇"
Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Folded:
    """`view` is what rules read; its character i comes from original[starts[i]:ends[i]]."""

    original: str
    view: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original behind view[start:end]; empty where that is empty."""
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else len(self.original)
            return place, place
        return self.starts[start], self.ends[end - 1]

    def cue(self, start: int, end: int) -> Cue:
        """The cue of the original behind view[start:end]."""
        first, last = self.span(start, end)
        return Cue(self.original[first:last], first, last)

    def edited(self, edits: list[Edit]) -> "Folded":
        """With view[start:end] replaced, for every (start, end, words), in order and apart."""
        if not edits:
            return self
        view: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for start, end, words in [*edits, (len(self.view), len(self.view), "")]:
            view.append(self.view[last:start] + words)
            starts += self.starts[last:start]
            ends += self.ends[last:start]
            if words:
                first, until = self.span(start, end)
                starts += [first] * len(words)
                ends += [until] * len(words)
            last = end
        return Folded(self.original, "".join(view), starts, ends)


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _character(char: str) -> str:
    """One character folded: nothing, itself, or its NFKC form in lower case."""
    if char == "\n":
        return char
    if unicodedata.category(char) in _DROPPED:
        return " " if char in "\t\r\v\f\x1f" else ""
    folded = unicodedata.normalize("NFKC", char).lower()
    kept = "".join(c for c in folded if unicodedata.category(c) not in _DROPPED)
    return "".join(" " if c.isspace() else c for c in kept)


def fold(text: str) -> Folded:
    """The view of any str: half width, Simplified, lower case, without decoration, with
    spaced-out words closed and known variants spelt out."""
    pieces = [_character(char) for char in text]
    view = "".join(pieces)
    starts = [i for i, piece in enumerate(pieces) for _ in piece]
    simplified = _to_simplified().convert(view)
    if len(simplified) == len(view):
        view = simplified
    folded = Folded(text, view, starts, [start + 1 for start in starts])
    for step in (closings, respellings):
        folded = folded.edited(list(step(folded.view)))
    return folded


def as_is(text: str) -> Folded:
    """`text` as its own view, for normalized texts."""
    return Folded(text, text, list(range(len(text))), list(range(1, len(text) + 1)))


# --- spacing -----------------------------------------------------------------------------

# Characters standing alone between separators; any one separator throughout, three or more
# characters, or two with blanks. Digits alike, before a unit or another digit.
_ALONE = re.compile(
    rf"(?<![{_HAN}])[{_HAN}](?:(?P<s>[ .·*_~/|,+-])[{_HAN}])(?:(?P=s)[{_HAN}])+(?![{_HAN}])"
    rf"|(?<![{_HAN}])[{_HAN}](?: +[{_HAN}])+(?![{_HAN}])"
    r"|(?<![0-9a-z.])[0-9](?: [0-9])+(?![0-9a-z.])"
)
_GAP = re.compile(rf"(?<=[{_HAN}0-9])[ .·*_~/|,+-]+(?=[{_HAN}0-9])")
_BEFORE_UNIT = re.compile(r"(?<=[0-9]) +(?=[元块只盒包瓶斤箱袋])|(?<=[¥$]) +(?=[0-9])")


def closings(view: str) -> Iterator[Edit]:
    """The gaps within spaced-out words and figures, to be taken out."""
    found = [
        (run.start() + gap.start(), run.start() + gap.end(), "")
        for run in _ALONE.finditer(view)
        for gap in _GAP.finditer(run.group())
    ]
    found += [(*gap.span(), "") for gap in _BEFORE_UNIT.finditer(view)]
    yield from sorted(set(found))


# --- variants ----------------------------------------------------------------------------

_CN_FIGURE = re.compile(r"[一二三四五六七八九]*〇[〇一二三四五六七八九]*(?![十百千万亿])")
_CN_TO_DIGIT = str.maketrans("〇一二三四五六七八九", "0123456789")
# A letter in place of a digit, inside a price: "5o元", "l5块".
_LETTER_FIGURE = re.compile(
    r"(?<![0-9a-z])(?=[ol]*[0-9])[0-9ol.]{2,7}(?=\s?(?:元|圆|块|一[只盒包]))"
)
_COIN = re.compile(r"(?<=[0-9ol])圆(?![形柱桌])")
_LETTER_TO_DIGIT = str.maketrans("ol", "01")


@cache
def _variants() -> tuple[dict[str, str], tuple[str, ...]]:
    """(variant to word, watched words) of the lexicon file."""
    spelt: dict[str, str] = {}
    watched: list[str] = []
    for line in _VARIANTS.read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        word, _, forms = line.partition(":")
        spelt |= dict.fromkeys(forms.split(), word)
        if not forms:
            watched += word.split()
    return spelt, tuple(watched)


@cache
def _spelling() -> Callable[[str], Iterator[Edit]]:
    from pypinyin import lazy_pinyin  # a fifth of a second, for those alone who read

    spelt, watched = _variants()
    for word in watched:
        letters = "".join(lazy_pinyin(word))
        if len(letters) > 5:
            spelt.setdefault(letters, word)
    han = sorted((form for form in spelt if not form.isascii()), key=len, reverse=True)
    latin = sorted((form for form in spelt if form.isascii()), key=len, reverse=True)
    pattern = re.compile(
        "|".join(map(re.escape, han)) + rf"|(?<![0-9a-z])(?:{'|'.join(latin)})(?![0-9a-z])"
    )
    return lambda view: ((*m.span(), spelt[m[0]]) for m in pattern.finditer(view))


@cache
def _readings(char: str) -> tuple[str, ...]:
    """The readings of a character with tones, the usual one first."""
    from pypinyin import Style, pinyin

    return tuple(pinyin(char, style=Style.TONE3, heteronym=True)[0][:2])


@cache
def _sounds() -> dict[tuple[str, ...], str]:
    """Watched words by their readings, all combinations."""
    return {
        reading: word
        for word in _variants()[1]
        for reading in product(*(_readings(char) for char in word))
    }


@cache
def _heads() -> tuple[frozenset[str], tuple[int, ...]]:
    """First syllables of the watched words, and their lengths, the longest first."""
    sounds = _sounds()
    return frozenset(r[0] for r in sounds), tuple(sorted({len(r) for r in sounds}, reverse=True))


@lru_cache(maxsize=30_000)
def _may_start(char: str) -> bool:
    return not _heads()[0].isdisjoint(_readings(char))


@lru_cache(maxsize=30_000)
def _watched_homophone(part: str) -> str | None:
    """The watched word that `part` sounds like, unless it is a word itself."""
    readings = product(*(_readings(char) for char in part))
    word = next((_sounds()[r] for r in readings if r in _sounds()), None)
    return word if word and word != part and not is_word(part) else None


def _sound_alikes(view: str) -> Iterator[Edit]:
    """Words that sound like a watched one, tone for tone, and are not part of another word: "长价"
    in "成长价值" is none."""
    last = 0
    for start, char in enumerate(view):
        if start < last or not "一" <= char <= "鿿" or not _may_start(char):
            continue
        for size in _heads()[1]:
            part = view[start : start + size]
            word = _watched_homophone(part) if len(part) == size else None
            if word is None or any(map(is_word, _crossing(view, start, start + size))):
                continue
            yield start, start + size, word
            last = start + size
            break


def _crossing(view: str, start: int, end: int) -> Iterator[str]:
    """Possible words across either border of view[start:end]."""
    for width in (1, 2):
        if start >= width:
            yield view[start - width : start + 1]
        if end + width <= len(view):
            yield view[end - 1 : end + width]


def respellings(view: str) -> Iterator[Edit]:
    """Edits that spell variants, sound-alikes and unusual digits the common way."""
    found: list[Edit] = [*_spelling()(view), *_sound_alikes(view)]
    found += [
        (*m.span(), m[0].translate(_CN_TO_DIGIT))
        for m in _CN_FIGURE.finditer(view)
        if len(m[0]) > 1
    ]
    found += [
        (*m.span(), m[0].translate(_LETTER_TO_DIGIT))
        for m in _LETTER_FIGURE.finditer(view)
        if set("ol") & set(m[0])
    ]
    found += [(*m.span(), "元") for m in _COIN.finditer(view)]
    last = 0
    for start, end, words in sorted(found):
        if start >= last:
            yield start, end, words
            last = end


def respell(text: str) -> str:
    """`text` with spaced-out words closed and known variants spelt out."""
    for step in (closings, respellings):
        text = _replaced(text, step(text))
    return text


def _replaced(text: str, edits: Iterator[Edit]) -> str:
    pieces, last = [], 0
    for start, end, words in edits:
        pieces += [text[last:start], words]
        last = end
    return "".join([*pieces, text[last:]])
