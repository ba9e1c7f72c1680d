"""Normal forms of merchants' names and addresses, to compare spellings.

`plain` removes typing differences (width, script, case, punctuation); `core` also the parts that
companies share (region in front, legal form and shop words at the end); `sound` is the core in
pinyin, so that homophones match. Core and sound are for suggestions: two companies of two towns may
share them.
"""

import functools
import re

from classifiers import regions
from classifiers.normalize import folded

_LONGEST = 200  # characters of a name that are read
# A place name with its kind; known provinces and prefectures also without.
_SAYS_KIND = r"[一-龥]{2,3}(?:省|(?<![超城夜集菜门])市|县|自治州|镇|(?<![小社])区)"
_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|集团公司|分公司|公司|集团|个人独资企业|合伙企业|专业合作社|合作社"
    r"|个体工商户|经营部|经销部|销售部|服务部|门市部|商行|商店|厂"
    r"|官方旗舰店|旗舰店|专营店|专卖店|企业店|直营店|官方店|官方|直播间|小店|网店|店铺|分店|店)$"
)


@functools.lru_cache(maxsize=16_384)
def plain(name: str) -> str:
    """Letters and digits of `name`, simplified, half width, lower case."""
    return "".join(c for c in folded(name[:_LONGEST]) if c.isalnum())[:_LONGEST]


@functools.lru_cache(maxsize=16_384)
def core(name: str) -> str:
    """The distinctive part of a name: without region, legal form, shop words.

    At least two characters stay, so that a name of only such words is kept.
    """
    return _without(_FORM, _without(_region(), plain(name)))


def sound(name: str) -> str:
    """The core in pinyin without tones, each character in its most common reading."""
    return " ".join(_reading(char) for char in core(name))


def address(text: str) -> str:
    """An address without the province and city in front, which some write and some leave out."""
    return _without(_region(known_only=True), plain(text.removeprefix("中国")))


@functools.cache
def _region(known_only: bool = False) -> re.Pattern[str]:
    named = {
        name
        for code, full in regions._lines()
        if code.endswith("00")
        for name in regions.names(code, full)
    }
    known = "|".join(sorted(map(re.escape, named), key=len, reverse=True))
    return re.compile(f"^(?:{known})" if known_only else f"^(?:(?:{known})|{_SAYS_KIND})")


def _without(pattern: re.Pattern[str], text: str) -> str:
    while (match := pattern.search(text)) and len(text) - len(match[0]) >= 2:
        text = text.replace(match[0], "", 1) if match.start() == 0 else text[: match.start()]
    return text


@functools.lru_cache(maxsize=32_768)
def _reading(char: str) -> str:
    # Loaded on first use: its tables take a second, which not every process needs.
    from pypinyin import lazy_pinyin

    return lazy_pinyin(char)[0]


def alike(one: str, other: str) -> bool:
    """Whether two legal names may be two spellings of one: the same core or sound, or, from
    four characters on, one character that differs, is missing or changed places."""
    a, b = core(one), core(other)
    if a == b or sound(a) == sound(b):
        return True
    return min(len(a), len(b)) >= 4 and _one_slip(a, b)


def _one_slip(a: str, b: str) -> bool:
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (len(rest_a) > 1 and swapped)
    )
