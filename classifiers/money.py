"""Amounts, prices and quantities in figures and in characters, as people write them.

"3块5" is 3.5 yuan, "九块九" 9.9, "50一只" and "每盒198" are prices though no 元 follows. Each
pattern reads the folded view of a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CN_DIGITS = {char: i for i, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CN_DIGITS |= {char: i for i, char in enumerate("零壹贰叁肆伍陆柒捌玖")} | {"貳": 2, "參": 3}
_CN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
CN = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\s?\d{1,9})?|\d{1,15}(?:\.\s?\d{1,9})?"
AMOUNT = rf"(?:{NUMBER}|[{CN}]{{1,12}})\s*[百千万亿]{{0,2}}"
UNIT = (
    "公斤|毫升|毫克|千克|平方|人次|个|只|盒|箱|包|瓶|袋|件|斤|吨|升|克|桶|罐|条|双|副|粒|颗|板|根|株|串|碗|份|杯"
    "|听|筐|捆|卷|把|枚|桌|间|kg|mg|ml|g|l|台|套|片|支|张|单|户"
)
# Units of priced goods; people and days are not priced.
_PER = (
    "公斤|千克|毫升|个|只|盒|箱|包|瓶|袋|件|斤|吨|升|桶|罐|条|双|副|粒|颗|板|根|串|碗|份|杯|听|筐|捆|卷|把|枚|台|套"
    "|片|支|张|kg"
)


@dataclass(frozen=True)
class FoundAmount:
    """A figure at [start, end) of a view; `unit` is what it counts or is paid for, if stated."""

    start: int
    end: int
    value: float
    unit: str | None = None


def chinese_number(text: str) -> float | None:
    """'叁仟伍佰' -> 3500, '两万' -> 20000, '一九八' -> 198; None when it is no such number."""
    if len(text) > 1 and all(char in _CN_DIGITS for char in text):
        return float("".join(str(_CN_DIGITS[char]) for char in text))
    total = section = digit = unit = 0
    for char in text:
        if char in _CN_DIGITS:
            digit = _CN_DIGITS[char]
            unit = 0 if digit == 0 else unit
        elif char in _CN_UNITS:
            unit = _CN_UNITS[char]
            section += (digit or 1) * unit
            digit = 0
        elif char in "万亿":
            unit = 10_000 if char == "万" else 100_000_000
            total = (total + section + digit) * unit
            section = digit = 0
        else:
            return None
    # "一百五" is 150, "两万三" 23,000; "一百零五" is 105.
    return float(total + section + digit * (unit // 10 if unit > 10 else 1))


def amount(text: str) -> float | None:
    """Yuan stated by a figure such as '1,200.50', '3万' or '伍佰'; None when it states none."""
    text = re.sub(r"[\s,]", "", text)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿]*)", text)
    if not match:
        return chinese_number(text) if text else None
    value = float(match[1])
    for unit in match[2]:
        value *= {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}[unit]
    return value


# 块 is money, but not in 三块面包; no unit may follow a bare figure, or it counts something.
_YUAN = r"(?:元|圆|块(?:钱|(?![地儿面肉砖蛋糖骨表屏牌石布板豆]))|人民币|rmb|cny|yuan)(?!/?月\d)"
_TAIL = (
    r"(?:(?P<jiao>[\d一二三四五六七八九])(?:[角毛]|(?![\d.年月日点个只盒斤十百千万倍%]|包(?!邮))))?"
)
_PER_TAIL = rf"(?:\s*(?:一|每|/|1)\s*(?P<per>{_PER}))?"
_UNCOUNTED = r"[\d.%‰年月日号点时分秒天周人名位家层楼次倍度成米折岁元块路届期条款室厅卫栋多来几余]"
_NOT_COUNTED = rf"(?!\s*(?:{UNIT}|{_UNCOUNTED})|[a-z])"
_BARE = r"(?<![\d.])(?P<a>\d{1,5}(?:\.\d{1,2})?)"
# 十五, 二百, 一百二: with 十, 百 or 千 in it. The 一 of 五十一包 belongs to the 包.
_DIGIT = "[一二两三四五六七八九]"
_TENS = rf"(?:{_DIGIT}千)?(?:{_DIGIT}百)?(?:{_DIGIT}?十)?"
_CN_BARE = rf"(?P<a>(?={_DIGIT}?[千百十]){_TENS}(?:{_DIGIT}(?!{_PER}))?)"
_ROSE = "(?:[涨卖炒提升飙加][到至成]|涨了|涨价到|变成?了?|改成|要价|(?:现在|今天)就?[要卖收]?)"
_WAS = "(?:平时|平常|往常|原来|原先|以前|之前|昨天)(?:也?[才就只还]?(?:卖|是|要)?|一般)"
_PRICES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[¥$]\s?(?P<a>{NUMBER}){_PER_TAIL}",
        rf"(?:(?:每|一|/)\s?(?P<lead>{_PER})[^。!?;,\n\d]{{0,8}}?)?(?<!\d)(?P<a>{AMOUNT})\s*{_YUAN}{_TAIL}{_PER_TAIL}",
        rf"{_BARE}(?:一|每|/)(?P<per>{_PER})(?![一-龥]?\d)",
        rf"(?:每|一)(?P<lead>{_PER})(?:只?[要卖]到?|就?要|价格?|得|才|竟然?|居然|[^。!?;,\n\d一-龥])?{_BARE}{_NOT_COUNTED}",
        rf"(?:售价|单价|标价|卖价|原价|现价|要价|报价|价格|价|卖)(?:为|是|到|了|才|只要)?\s?:?{_BARE}{_NOT_COUNTED}",
        rf"(?:从|由|原来|之前){_BARE}(?=(?:元|块)?(?:一[只盒包斤瓶])?(?:涨|提|炒|升|卖))",
        rf"{_ROSE}{_BARE}{_NOT_COUNTED}",
        rf"(?:{_ROSE}|{_WAS}|卖){_CN_BARE}(?:(?:一|每)(?P<per>{_PER})|{_NOT_COUNTED})",
        rf"(?:从|由){_CN_BARE}(?=(?:一(?:{_PER}))?(?:涨|提|炒|升|卖))",
        rf"(?:每|一)(?!个)(?P<lead>{_PER})(?:只?[要卖]到?)?{_CN_BARE}{_NOT_COUNTED}",
        rf"{_WAS}{_BARE}{_NOT_COUNTED}",
    )
)


def prices(view: str) -> Iterator[FoundAmount]:
    """Prices and sums in yuan, in order; where patterns overlap, the earlier kind counts."""
    found: list[FoundAmount] = []
    taken = bytearray(len(view))
    for pattern in _PRICES:
        for match in pattern.finditer(view):
            start = match.start("a") if not match["a"] or match[0][0] not in "¥$" else match.start()
            if any(taken[start : match.end()]):
                continue
            value = _yuan(match)
            if value is None:
                continue
            taken[start : match.end()] = b"x" * (match.end() - start)
            groups = match.groupdict()
            found.append(
                FoundAmount(start, match.end(), value, groups.get("per") or groups.get("lead"))
            )
    yield from sorted(found, key=lambda one: one.start)


def _yuan(match: re.Match[str]) -> float | None:
    value = amount(match["a"])
    jiao = match.groupdict().get("jiao")
    return value if value is None or not jiao else round(value + (amount(jiao) or 0) / 10, 2)


_QUANTITY = re.compile(rf"(?<![第每\d])(?P<a>{AMOUNT})\s*(?P<u>{UNIT})(?![一-龥]?分之|邮)")


def quantities(view: str) -> Iterator[FoundAmount]:
    """Counted goods in order: '300盒', '五斤'; the '一只' of '50一只' is none."""
    asked = [(price.start, price.end) for price in prices(view)]
    for match in _QUANTITY.finditer(view):
        value = amount(match["a"])
        while asked and asked[0][1] <= match.start():
            asked.pop(0)
        if value and not (asked and asked[0][0] <= match.start()):
            yield FoundAmount(*match.span(), value, match["u"])
