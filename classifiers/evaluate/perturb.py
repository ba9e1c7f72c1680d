"""Ways in which people disguise a text, or keyboards change it; every one keeps its meaning."""

import re
from collections.abc import Callable, Mapping
from functools import cache

import opencc
from pypinyin import lazy_pinyin

_HAN = "一-鿿"


def _each(gap: str) -> Callable[[str], str]:
    """The separator between all neighbouring Chinese characters and figures."""
    return lambda text: re.sub(rf"(?<=[{_HAN}\d])(?=[{_HAN}\d])", gap, text)


def _swap(pairs: Mapping[str, str]) -> Callable[[str], str]:
    pattern = re.compile("|".join(map(re.escape, sorted(pairs, key=len, reverse=True))))
    return lambda text: pattern.sub(lambda m: pairs[m[0]], text)


@cache
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _letters(word: str) -> str:
    return "".join(lazy_pinyin(word))


_WATCHED = ("口罩", "酒精", "消毒液", "代购", "微信", "退烧药", "涨价")
_DIGITS = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_CN_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")

PERTURBATIONS: Mapping[str, Callable[[str], str]] = {
    "unchanged": lambda text: text,
    "full width": _full_width,
    "traditional": lambda text: _to_traditional().convert(text),
    "zero-width marks": _each("\u200b"),
    "bidi marks": lambda text: "\u202e" + text + "\u202c",
    "emoji between words": lambda text: re.sub(r"([,。!])", "\\1😷🔥", text) + "👍🏽",
    "blanks between characters": _each(" "),
    "dots between characters": _each("."),
    "look-alike characters": _swap({"口": "囗", "0": "O", "元": "圆"}),
    "split characters": _swap(
        {"涨": "氵张", "消": "氵肖", "酒": "氵酉", "价": "亻介", "信": "亻言"}
    ),
    "sound-alikes": _swap({"口罩": "口照", "涨价": "掌价", "消毒液": "消毒夜", "酒精": "酒晶"}),
    "watched words in letters": _swap({word: _letters(word) for word in _WATCHED}),
    "figures spaced out": lambda text: re.sub(r"(?<=\d)(?=\d)", " ", text),
    "figures in circles": lambda text: text.translate(_DIGITS),
    "figures in characters": lambda text: re.sub(
        r"\d+", lambda m: m[0].translate(_CN_DIGITS), text
    ),
}
