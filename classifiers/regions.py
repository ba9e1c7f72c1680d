"""Places of China by name: provinces, prefectures and counties, with their GB/T 2260 codes.

The names and codes are in `lexicon/regions.txt`. A county's name often stands for several
(there are four 鼓楼区), so it counts only where it is the only one of its name or where its own
prefecture or province is named just before; otherwise nothing is reported.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick

_FILE = Path(__file__).parent / "lexicon" / "regions.txt"
_NEAR = 12  # characters between a parent's name and its county's

# Short names that are ordinary words or other places: only their full form counts.
_WORDS = frozenset(
    "中山 朝阳 来宾 安康 安顺 大同 海北 海东 海西 黄南 甘南 山南 三明 定西 保山 资阳"
    " 阿里 白银 日照 红河 中卫 文山 北海 长治 大庆 兴安 白山 和田".split()
)
# Common county names: only next to their parent.
_GENERIC = frozenset("城区 郊区 矿区 东区 西区 新城区 市中区 城中区 和平区 新华区 和平县".split())
_PEOPLES = (
    "回族|哈萨克|蒙古族?|藏族|羌族|彝族|苗族|侗族|布依族|土家族|朝鲜族|白族|傣族|景颇族|傈僳族|哈尼族"
    "|壮族|柯尔克孜"
)
_ENDING = re.compile(
    rf"(?:(?:{_PEOPLES})*自治州|(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市|地区|盟)$"
)


@dataclass(frozen=True)
class Region:
    """A place named at [start, end) of a text; `code` is six digits."""

    start: int
    end: int
    code: str


def _lines() -> Iterator[tuple[str, str]]:
    """(code, full name) of every province, prefecture and county."""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        head, _, counties = line.partition(":")
        code, _, name = head.partition(" ")
        if name != "-":
            yield code.ljust(6, "0"), name
        for county in counties.split():
            yield code + county[:2], county[2:]


def names(code: str, full: str) -> set[str]:
    """The full name and, for provinces and prefectures, the short one if it is not another word."""
    short = _ENDING.sub("", full)
    if not code.endswith("00") or len(short) < 2 or short in _WORDS:
        return {full}
    return {full, short}


@cache
def by_code() -> Mapping[str, str]:
    """Full name of every code."""
    return dict(_lines())


@cache
def _automaton() -> ahocorasick.Automaton:
    codes: dict[str, list[str]] = defaultdict(list)
    for code, full in _lines():
        for name in names(code, full):
            codes[name].append(code)
    automaton = ahocorasick.Automaton()
    for name, known in codes.items():
        # "吉林" and "海南" mean the provinces.
        provinces = [code for code in known if code.endswith("0000")]
        automaton.add_word(name, (name, tuple(provinces or known)))
    automaton.make_automaton()
    return automaton


def _within(code: str, parent: str) -> bool:
    """Whether a code lies in a province or prefecture; whole pairs, for 10 and 20 end in 0 too."""
    return code.startswith(parent[:2] if parent.endswith("0000") else parent[:4])


def _choose(name: str, codes: tuple[str, ...], before: Region | None) -> str | None:
    """The one code meant by a name, given the place named just before; None if ambiguous."""
    if before is not None:
        children = [code for code in codes if _within(code, before.code) and code != before.code]
        if len(children) == 1:
            return children[0]
    return codes[0] if len(codes) == 1 and name not in _GENERIC else None


def find(view: str) -> list[Region]:
    """Places in `view` in order; a prefecture and its county side by side are one place."""
    found: list[Region] = []
    for last, (name, codes) in _automaton().iter_long(view):
        start, end = last - len(name) + 1, last + 1
        before = found[-1] if found and start - found[-1].end <= _NEAR else None
        code = _choose(name, codes, before)
        if code is None:
            continue
        if before is not None and start == before.end and _within(code, before.code):
            found[-1] = Region(before.start, end, code)
        else:
            found.append(Region(start, end, code))
    return found


def _shortest() -> dict[str, str]:
    known: dict[str, str] = {}
    for code, full in _lines():
        if code.endswith("00"):
            known.setdefault(min(names(code, full), key=len), code)
    return known


# Provinces and prefectures by the shortest name they go by, so that 北京 and 北京市 are one.
REGION_CODES: Mapping[str, str] = _shortest()
