"""Words that the Advertising Law bans, each with its article, found in context.

One automaton holds the words and the longer harmless words they occur in: "第一" in "第一次" is
none, nor is any word in a quoted law or where the writer forbids it. Many of the words are
everyday ones, so most count only next to sales terms in the same sentence.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import ahocorasick

from classifiers.explain import Cue
from classifiers.fold import Folded
from classifiers.violation import Finding, finding

_FILE = Path(__file__).parent / "lexicon" / "ad_words.toml"
_HARMLESS = "harmless"
_NEAR = 24  # characters on either side in which sales terms count


@dataclass(frozen=True)
class WordGroup:
    """Words under one article: `kind` is Chinese, `score` how strongly one word indicates it, 0..1.

    Unless `bare`, sales terms must be near, and goods within `beside` characters.
    """

    kind: str
    law: str
    penalty: str
    score: float
    bare: bool = False
    beside: int = 0


@dataclass(frozen=True)
class Hit:
    """A banned word at [start, end) of a view."""

    start: int
    end: int
    word: str
    group: WordGroup


@dataclass(frozen=True)
class _Words:
    version: str
    automaton: ahocorasick.Automaton
    selling: re.Pattern[str]
    goods: re.Pattern[str]


@cache
def _words() -> _Words:
    source = tomllib.loads(_FILE.read_text("utf-8"))
    automaton = ahocorasick.Automaton()
    for entry in source["group"]:
        words = entry.pop("words").split()
        group = WordGroup(**entry)
        for word in words:
            automaton.add_word(word, (word, group))
    for word in source[_HARMLESS].split():
        automaton.add_word(word, (word, None))
    automaton.make_automaton()
    selling, goods = (re.compile(source[k].replace("\\\n", "")) for k in ("selling", "goods"))
    return _Words(source["version"], automaton, selling, goods)


# Law text: in a title, in quotes after an article, or stated as a rule.
_LAW_QUOTE = re.compile(
    r"《[^《》]{1,60}》"
    r"|(?:条|款|项|规定|法)(?:规定)?[:,]?\s*[“\"「][^”\"」]{1,400}[”\"」]"
    r"|[^。!?;\n]{0,80}(?:不得(?:有|含有|使用|出现|表示)|禁止使用|不能使用|违禁词|极限词|敏感词)[^。!?;\n]{0,120}"
    r"|[“\"「][^”\"」]{1,200}[”\"」](?:等|之类)?(?:的?(?:绝对化|极限|违禁|夸大)?(?:用语|字眼|词))"
)
_DENIED = re.compile(r"(?:不|没有?|非|并非|不是|未必|谈不上|算不上|岂能|不敢说)$")
# What turns the word itself into a question or a comparison of measured facts.
_AFTER = re.compile(r"^(?:吗|么|之一|\d)")
# "第一,..." at the head of a clause counts points.
_CLAUSE_HEAD, _POINT = re.compile(r"(?:^|[。;:,!?\s])$"), re.compile(r"^[,:、]")
_ENDS = re.compile(r"[。!?;\n]")


def _around(view: str, hit: Hit, reach: int) -> str:
    """The text within `reach` characters of a hit, in its sentence, without the hit."""
    before = _ENDS.split(view[max(0, hit.start - reach) : hit.start])[-1]
    return before + " " + _ENDS.split(view[hit.end : hit.end + reach])[0]


def _traded(view: str, hit: Hit) -> bool:
    """Whether a hit is among sales terms, and an everyday word also next to goods."""
    if hit.group.beside and not _words().goods.search(_around(view, hit, hit.group.beside)):
        return False
    return bool(_words().selling.search(_around(view, hit, _NEAR)))


def _spans(view: str) -> tuple[list[Hit], bytearray]:
    """All banned words, and which characters belong to a harmless word or a quoted law."""
    excused = bytearray(len(view))
    hits: list[Hit] = []
    for last, (word, group) in _words().automaton.iter(view):
        start, end = last - len(word) + 1, last + 1
        if group is None:
            excused[start:end] = b"h" * len(word)
        else:
            hits.append(Hit(start, end, word, group))
    for law in _LAW_QUOTE.finditer(view):
        start, end = law.span()
        excused[start:end] = b"l" * (end - start)
    return hits, excused


def find(view: str) -> list[Hit]:
    """Banned words of `view` in order, the longest where several overlap."""
    hits, excused = _spans(view)
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if kept and hit.start < kept[-1].end or any(excused[hit.start : hit.end]):
            continue
        if not _denied(view, hit) and (hit.group.bare or _traded(view, hit)):
            kept.append(hit)
    return kept


def _denied(view: str, hit: Hit) -> bool:
    """Whether the context denies it, asks for it, or only numbers points."""
    before, after = view[max(0, hit.start - 4) : hit.start], view[hit.end : hit.end + 2]
    counts_points = hit.word == "第一" and _CLAUSE_HEAD.search(before) and _POINT.match(after)
    return bool(_DENIED.search(before) or _AFTER.match(after) or counts_points)


def judge(folded: Folded) -> Iterator[Finding]:
    """At most one finding: false advertising under the articles of the words found.

    Scores of different articles combine as independent probabilities.
    """
    hits = find(folded.view)
    if not hits:
        return
    doubt = 1.0
    for score in {hit.group: hit.group.score for hit in hits}.values():
        doubt *= 1 - score
    law = dict.fromkeys(a for hit in hits for a in (hit.group.law, hit.group.penalty))
    cues: list[Cue] = [folded.cue(hit.start, hit.end) for hit in hits[:6]]
    found = finding("false_advertising", min(1 - doubt, 0.9), cues, "rule:ad-words")
    yield replace(found, law=list(law))
