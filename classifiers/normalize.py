"""A normal form for texts that differ only in how they were typed or passed on.

`normalize` removes what platforms, keyboards and evaders add: full width, Traditional
characters, zero-width and bidi marks, emoji, URLs, @names, reposting formulas, spaces between
Chinese characters, and disguised spellings of watched words (see `fold`).
Words and their order stay; its output is the input of every model here.
All functions take any str, lone surrogates and NUL included, and run in linear time.
"""

import functools
import hashlib
import itertools
import re
import sys
import unicodedata
from pathlib import Path

import opencc

from classifiers.fold import respell
from classifiers.segment import content_words

CJK = "㐀-䶿一-鿿豈-﫿〇"

MANY_WORDS = 20  # counting stops here

# Unicode categories without content: controls become a space (they may separate words), the
# rest is dropped. Combining marks are dropped *before* NFKC, which is quadratic on long runs of
# them.
_GONE = {"Mn", "Me", "Cf", "Cs", "Co", "Cn", "So", "Sk"}

_URL = re.compile(
    r"(?:https?|ftp)://[!-~]+|www\.[!-~]+"
    r"|(?<![a-z0-9.@-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}"
    r"\.(?:com|cn|net|org|cc|top|xyz|vip|tv|me|io)(?![a-z0-9-])(?:[/?#:][!-~]*)?"
)
_AT_NAME = re.compile(r"@用户|@[\w·-]{1,15}(?![\w·-])")
# Only bracketed names of emoticons and buttons; "[武汉]" is content.
_EMOTE = re.compile(
    r"\[(?:泪|微笑|蜡烛|怒|怒骂|哈哈|doge|赞|ok|耶|心|伤心|可怜|大哭|流泪|偷笑|抓狂|吃惊|惊讶|惊恐|吐|晕"
    r"|汗|哼|鄙视|挖鼻|衰|思考|疑问|嘘|闭嘴|害羞|爱你|亲亲|太开心|嘻嘻|呵呵|笑cry|笑哭|捂脸|允悲|二哈|摊手"
    r"|费解|失望|悲伤|生病|感冒|睡|困|打脸|拜拜|握手|鼓掌|作揖|祈祷|双手合十|强|弱|加油|玫瑰|鲜花|礼物|蛋糕"
    r"|爱心|心碎|威武|给力|围观|话筒|奥特曼|熊猫|兔子|右哼哼|左哼哼|委屈|尴尬|震惊|发怒|炸弹|图片|视频|链接"
    r"|中国赞|合十|抱拳|比心|玫瑰花|大笑|坏笑|机智|灵光一闪)\]"
)
_BOILERPLATE = re.compile(
    "|".join(
        (
            r"轻?转发微博|转发视频|网页链接|(?:展开|收起)全文|全文展开|展开剩余|查看图片|查看原图|原图",
            r"抖音小助手|快手小助手|dou\+(?:小助手)?|(?:抖音|快手)?(?:我要)?上热门|不限流",
            r"感谢快手|快手创作者\w{0,4}|热门\s*(?=#|$)",
            r"复制(?:此|本)?(?:链接|消息)?,?打开(?:抖音|快手|淘宝|微博)(?:极速版|搜索)?,?(?:看看|直接观看视频)?!?",
            r"\(?(?:来自|分享自|来源:?)\s*@?(?:微博|抖音|快手|微信|今日头条)\w{0,6}\)?",
            r"\w{0,15}的(?:微博|秒拍)视频|\(?[0-9a-z]{8,20}\)?的精彩视频",
        )
    )
)
_REPOST = re.compile(r"/{2,}|\b(?:rt|via)\b")
_MARKS = re.compile(r"[#【】\[\]《》〈〉「」『』“”\"'‘’`*_~|^<>{}\\]+")
_SPACES_AT_CJK = re.compile(rf"(?<=[{CJK}]) +| +(?=[{CJK}])")
_SPACES_AT_PUNCTUATION = re.compile(r" +(?=[,.!?;:、。…%])|(?<=[,!?;:、。…]) +")
_SPACED_DIGITS = re.compile(r"(?<![0-9a-z.])[0-9](?: [0-9])+(?![0-9a-z.])")
_LONG_RUN = re.compile(r"([^0-9a-z])\1{2,}")


@functools.cache
def _strip_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for point in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(point))
        if category in _GONE:
            table[point] = None
        elif category in {"Cc", "Zs", "Zl", "Zp"}:
            table[point] = " "
    return table


@functools.cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def folded(text: str) -> str:
    """Width, script, case and decoration folded away, character by character."""
    table = _strip_table()
    # Twice: NFKC produces marks, and case folding produces sequences that NFKC composes.
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text.translate(table)).casefold()
    text = text.translate(table).replace("。", ".").replace("、", ",")
    return str(_to_simplified().convert(text))


def normalize(text: str) -> str:
    """The common form of `text`; empty when nothing readable is in it.

    A text that is nothing but names, links or formulas keeps its bare characters instead,
    so that it is not confused with every other such text.
    """
    return _remembered(text) if len(text) <= _SHORT else _normalized(text)


# Cached: reports of a wave are identical, and a new text is normalized for every model.
_SHORT = 1_000


@functools.lru_cache(maxsize=4_096)
def _remembered(text: str) -> str:
    return _normalized(text)


def _normalized(text: str) -> str:
    plain = folded(text)
    for pattern in (_URL, _AT_NAME, _EMOTE, _BOILERPLATE, _REPOST):
        plain = pattern.sub(" ", plain)
    result = respell(_spacing(plain))
    return result if any(c.isalnum() for c in result) else respell(_spacing(folded(text)))


def _spacing(text: str) -> str:
    text = _MARKS.sub(" ", text)
    text = _SPACED_DIGITS.sub(lambda run: run.group().replace(" ", ""), " ".join(text.split()))
    text = _SPACES_AT_PUNCTUATION.sub("", _SPACES_AT_CJK.sub("", text))
    return _LONG_RUN.sub(r"\1\1", text).strip(" ,:;-")


def skeleton(normalized: str) -> str:
    """Letters and digits only, with the point of a decimal kept ("3.5" is not "35")."""
    return _NOT_WORD.sub("", normalized)


_NOT_WORD = re.compile(r"(?<![0-9])[^\w]+|[^\w]+(?![0-9])|_+|(?<=[0-9])[^\w.:/%-]+(?=[0-9])")


def text_key(normalized: str) -> str:
    """Hex sha256 of the skeleton: equal for wordings that differ in punctuation at most."""
    return hashlib.sha256(skeleton(normalized).encode("utf-8", "replace")).hexdigest()


def word_count(normalized: str) -> int:
    """Number of words holding a letter or digit; at most MANY_WORDS."""
    return sum(1 for _ in itertools.islice(content_words(normalized), MANY_WORDS))


@functools.cache
def _phrases(name: str) -> re.Pattern[str]:
    lines = (Path(__file__).parent / "lexicon" / f"{name}.txt").read_text("utf-8").splitlines()
    listed = {word for line in lines if not line.startswith("#") for word in line.split()}
    # The longest first: an alternation takes the first that fits.
    return re.compile("|".join(map(re.escape, sorted(listed, key=len, reverse=True))))


@functools.lru_cache(maxsize=4096)
def is_generic(normalized: str) -> bool:
    """Whether a wording has no content of its own: only reposting formulas, alarms, adverts.

    Such a text resembles everything; it may be counted with an identical one but must never
    join a claim by likeness. What is left after removing all listed phrases decides:
    under two letters, or in an advert less than a quarter of the text. Long texts are judged
    by their first 400 characters.
    """
    text = skeleton(normalized[:400])
    own = _phrases("empty_words").sub("", text)
    if len(own) < 2:
        return True
    adverts = _phrases("advert_words").findall(own)
    if len(adverts) < 2:
        return False
    left = re.sub("[0-9a-z]+", "", _phrases("advert_words").sub("", own))
    return len(left) * 4 < len(text)
