"""Price rises: both an old and a new price are stated, and the rise is computed.

"从2元涨到15元", "昨天还是二十块一盒，今天直接变二百", "98一只的口罩平时才5块". The
words before a price tell which is the old one; prices per different units are not compared.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from classifiers.fold import Folded
from classifiers.money import FoundAmount, prices
from classifiers.violation import Finding, finding

STEEP_RISE = 1.5  # times the old price; a smaller rise alone is normal market behaviour
UNSAID = 2.0  # times, where the second price is not stated to be today's
NEAR = 40  # characters that may lie between the two

_EVENT = "疫情|封控|封城|封闭|涨价|断货|缺货|暴雨|下雨|大雨|台风|洪水|地震|停电|停水|出事|节|年"
_NUMBER = r"[一二两三四五六七八九十几半\d]"
_BEFORE = re.compile(
    "平时|平常|往常|日常(?:销售|[卖售价])|平日|正常|本来|原来|原本|原先|以前|之前|从前|过去|早先"
    "|昨[天晚日]|前[一几两]?天|上(?:周|个?月|个?星期|次)|去年|往年|早上(?:还|才)|刚才(?:还|才)"
    f"|{_NUMBER}+个?多?(?:月|周|星期|年|天|小时)(?:之|以)?前|(?:{_EVENT})(?:之|以)?前"
)
# A date means the past only together with a word for today.
_DATED = re.compile(f"{_NUMBER}{{1,2}}月{_NUMBER}{{1,3}}[日号]")
_FROM = re.compile("(?:从|由|原价)[^,。!?;]{0,6}$")
_NOW = re.compile(
    "现在|如今|目前|眼下|今[天早日晚]|这[几两]天|这会儿|涨[到至成了]|涨价[到至]|卖[到至成]|炒[到至]|提[到至]"
    "|提高[到至]|提价[到至]|升[到至]|飙[到至]|加[到至]|抬[到至]|变|改成|要价|开价|张口|居然|竟然?|直接|敢要|结账"
)
_RISES = re.compile("涨|提|炒|升|飙|抬|加价|变|改成|卖[到至成]|翻")
_ENDS = re.compile("[。!?;\n]")
_CLAUSE = re.compile("[,。!?;:、\n]")
# Prices under other laws, or not of goods.
_OTHER = re.compile(
    "股价|股市|股票|基金|市值|指数|房价|楼盘|楼市|每平|平米|平方|㎡|物业|/亩|土地|宅基地|比特币|票房|身价|工资|月薪|年薪|收入|彩礼"
    "|罚款|赔偿|养老金|补贴|补助|中奖|彩票|债|存款|贷款|投资"
)


def judge(folded: Folded) -> list[Finding]:
    """At most one finding: that of the steepest rise, with the cues of all."""
    rises = sorted(_rises(folded.view), key=lambda rise: -rise[0])
    if not rises:
        return []
    score = min(0.6 + 0.1 * (rises[0][0] - STEEP_RISE), 0.9)
    cues = [folded.cue(start, end) for _, start, end in rises[:3]]
    return [finding("price_gouging", score, cues, "rule:gouge-ratio")]


def _rises(view: str) -> Iterator[tuple[float, int, int]]:
    """(times, start, end) of neighbouring prices of which one is the old and lower one."""
    found = list(prices(view))
    led = [_led(view, found, i) for i in range(len(found))]
    for i, (one, other) in enumerate(pairwise(found)):
        between = view[one.end : other.start]
        if len(between) > NEAR or _ENDS.search(between) or not _same_unit(one, other):
            continue
        old, new, said = _which(led[i], led[i + 1], one, other, between)
        times = new.value / old.value if old is not None and old.value > 0 else 0.0
        if times >= (STEEP_RISE if said else UNSAID):
            start, end = _words_of(view, found, i), other.end
            if not _OTHER.search(view, max(0, start - 12), end + 12):
                yield times, start, end


def _led(view: str, found: list[FoundAmount], i: int) -> str:
    """The words of its clause that lead to a price."""
    words = view[_start_of(found, i) : found[i].start]
    return _CLAUSE.split(words)[-1]


def _start_of(found: list[FoundAmount], i: int) -> int:
    return max(found[i - 1].end if i else 0, found[i].start - 16)


def _words_of(view: str, found: list[FoundAmount], i: int) -> int:
    """The start of the clause that contains a price."""
    return found[i].start - len(_led(view, found, i))


def _same_unit(one: FoundAmount, other: FoundAmount) -> bool:
    return one.unit is None or other.unit is None or one.unit == other.unit


def _which(
    before: str, after: str, one: FoundAmount, other: FoundAmount, between: str
) -> tuple[FoundAmount | None, FoundAmount, bool]:
    """(the old price, the new one, whether a word says that it is today's) of two in their order;
    no old one where nothing distinguishes them."""
    if _BEFORE.search(after):  # "98一只的口罩平时才5块"
        return (None, one, False) if _BEFORE.search(before) else (other, one, False)
    today = bool(_NOW.search(between))
    if _BEFORE.search(before) or (_DATED.search(before) and today):
        return one, other, today
    if _FROM.search(before) and _RISES.search(between):
        return one, other, True
    return None, other, False
