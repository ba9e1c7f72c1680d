"""Facts a report or a penalty decision states: who, where, how much, under which article.

Patterns read the aligned view of the text (see `explain.aligned`), so every span points
into the original. A line break or spaces inside a value are tolerated, because decisions
arrive as PDF text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.explain import aligned
from classifiers.regions import REGION_CODES

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_USCC_VALUE = {char: value for value, char in enumerate(USCC_ALPHABET)}
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class UsccCheck:
    """Whether a credit code can exist, and if not, why (Chinese, for the officer)."""

    ok: bool
    reason: str | None = None


def check_uscc(code: str) -> UsccCheck:
    """Check length, alphabet and both check characters of a unified social credit code.

    Check character of the whole by GB 32100-2015: (31 - sum(v_i * 3^(i-1)) mod 31) mod 31;
    of the organisation code in characters 9 to 17 by GB 11714 (modulus 11).
    """
    code = code.strip().upper()
    if len(code) != 18:
        return UsccCheck(False, f"应为18位，实为{len(code)}位")
    strange = sorted(set(code) - _USCC_VALUE.keys())
    if strange:
        return UsccCheck(False, f"含有不允许的字符：{''.join(strange)}")
    total = sum(_USCC_VALUE[char] * pow(3, i, 31) for i, char in enumerate(code[:17]))
    if (31 - total % 31) % 31 != _USCC_VALUE[code[17]]:
        return UsccCheck(False, "校验码不符（GB 32100-2015）")
    if _organisation_check(code[8:16]) != code[16]:
        return UsccCheck(False, "组织机构代码校验码不符（GB 11714）")
    return UsccCheck(True)


def _organisation_check(body: str) -> str:
    """Check character of the eight-character organisation code (GB 11714, A = 10 ... Z = 35)."""
    total = sum(
        int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


@dataclass(frozen=True)
class Span:
    """A found fact: the words at [start, end) of the original and the value they state."""

    text: str
    start: int
    end: int
    value: str | float


@dataclass(frozen=True)
class Code(Span):
    """A credit code; `value` is it in upper case without spaces, `region` its GB/T 2260 digits."""

    valid: bool
    reason: str | None
    region: str


@dataclass(frozen=True)
class Place(Span):
    """A province or large city; `value` is its GB/T 2260 code."""


@dataclass(frozen=True)
class Article(Span):
    """A cited article; `value` reads 'law第N条...', `law` without 中华人民共和国."""

    law: str


@dataclass(frozen=True)
class Entities:
    """Everything `extract` knows. Money is in yuan; dates are ISO 8601."""

    uscc: tuple[Code, ...] = ()
    companies: tuple[Span, ...] = ()
    shops: tuple[Span, ...] = ()
    prices: tuple[Span, ...] = ()
    quantities: tuple[Span, ...] = ()
    places: tuple[Place, ...] = ()
    dates: tuple[Span, ...] = ()
    phones: tuple[Span, ...] = ()
    licences: tuple[Span, ...] = ()
    fines: tuple[Span, ...] = ()
    articles: tuple[Article, ...] = ()
    party: Span | None = None


# --- money -------------------------------------------------------------------------------

_CN_DIGITS = {char: i for i, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CN_DIGITS |= {char: i for i, char in enumerate("零壹贰叁肆伍陆柒捌玖")} | {"貳": 2, "參": 3}
_CN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CN = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\s?\d+)?|\d+(?:\.\s?\d+)?"
_AMOUNT = rf"(?:{_NUMBER}|[{_CN}]{{1,12}})\s*[百千万亿]{{0,2}}"


def chinese_number(text: str) -> float | None:
    """'叁仟伍佰' -> 3500, '两万' -> 20000; None when `text` is no number in characters."""
    total = section = digit = 0
    for char in text:
        if char in _CN_DIGITS:
            digit = _CN_DIGITS[char]
        elif char in _CN_UNITS:
            section += (digit or 1) * _CN_UNITS[char]
            digit = 0
        elif char in "万亿":
            total = (total + section + digit) * (10_000 if char == "万" else 100_000_000)
            section = digit = 0
        else:
            return None
    return float(total + section + digit)


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


# --- patterns ----------------------------------------------------------------------------

_USCC = re.compile(r"(?<![0-9a-z])[159y][0-9a-z]{17}(?![0-9a-z])")
_PRICE = re.compile(
    rf"[¥$]\s?(?P<a>{_NUMBER})|(?P<b>{_AMOUNT})\s*(?:元|块钱|块(?![地儿])|人民币)(?!/?月\d)"
)
_QUANTITY = re.compile(
    rf"(?P<n>{_AMOUNT})\s*(?P<u>个|只|盒|箱|包|瓶|袋|件|斤|公斤|吨|升|毫升|克|kg|g|ml|台|套|片|支|张|单|人次?|户)"
    r"(?![一-龥]?分之)"
)
_DATE = re.compile(
    r"((?:19|20)\d\d)\s*(?:年|[-/.])\s*(1[0-2]|0?[1-9])\s*(?:月|[-/.])\s*(3[01]|[12]\d|0?[1-9])\s*日?(?!\d)"
)
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d(?:\d|\*){8}|0\d{2,3}-\d{7,8}|[48]00-?\d{3}-?\d{4})(?!\d)")
_LICENCE = re.compile(
    r"(?:jy\d{14}|sc\d{14}|国药准字[a-z]\d{8}|[一-龥]{1,2}(?:食药监)?械(?:备|注准|注进|生产许|经营许)\d{6,14}号?"
    r"|许可证(?:编)?号\s*:\s*(?P<no>[0-9a-z-]{8,25}))"
)
_COMPANY = re.compile(
    r"[一-龥a-z0-9()]{2,30}?(?:有限责任公司|股份有限公司|有限公司|合作社|合伙企业|个人独资企业)(?:[一-龥]{2,8}分(?:公司|店))?"
)
_SHOP = re.compile(
    r"[“\"「『【《](?P<q>[^“”\"「」『』【】《》\n]{2,24})[”\"」』】》]\s*(?:的)?(?:网店|店铺|旗舰店|专卖店|直播间|小店|淘宝店|微店)"
    r"|(?P<n>[一-龥a-z0-9]{2,16}(?:旗舰店|专卖店|专营店|企业店|直播间|大药房|超市|便利店))"
)
_SHOP_LEAD = re.compile(
    r"^.*(?:在|于|叫|名为|是|的|从|去|到|跟|和|与|了|家|平台|一个|淘宝|京东|拼多多|抖音|快手)"
)
_COMPANY_LEAD = re.compile(
    r"^.*(?:当事人|名称|公司名为|系|为|由|向|从|于|在|对|与|和|及|经|是|叫|举报|投诉|的)(?=[一-龥]{4})"
)
# PDF text breaks a line within a figure.
_SET_SUM = rf"(?:\d[\d,]*(?:\n\d+)?(?:\.\s?\d+)?|[{_CN}]{{1,12}})\s*[百千万亿]{{0,2}}"
_FINE = re.compile(
    rf"(?:罚\s*款|罚没款)(?:合计|共计|金额|总额|合并执行共计)?\s*[,:]?\s*(?:计|共计)?(?:人民币)?\s*[:¥]?\s*"
    rf"(?P<a>{_SET_SUM})\s*(?:元?整?\s*\(\s*¥?\s*(?P<b>{_NUMBER})\s*元?\s*\))?\s*(?:元|圆)?"
    rf"|处以?\s*(?P<c>{_SET_SUM})\s*(?:元|圆)整?的?\s*罚\s*款"
)
_FINE_RANGE = re.compile(r"^\s*(?:以上|以下|至|到|-|~|—)")
_ARTICLE = re.compile(
    r"《(?P<law>[^《》]{2,45})》?(?:》|\([^()]{0,30}\)|\s)*(?:修正|修订)?\s*(?P<no>第\s*[一-龥\d\s]{1,8}?条(?:之[一二三四五])?"
    r"(?:\s*第\s*[一-龥\d]{1,3}\s*款)?(?:\s*第?\s*\(?\s*[一-龥\d]{1,3}\s*\)?\s*项)?)"
)
_PARTY = re.compile(
    r"当\s*事\s*人\s*(?:\([^)]{0,20}\))?\s*(?:\(?(?:姓名|名称)\)?)?\s*:\s*(?P<p>[^\n,;。:]{2,60})"
)
_PARTY_END = re.compile(r"\s*(?:主体资格|统一社会|住所|类型|性别|身份|地址|经营者|$)")
_PLACES = re.compile("|".join(sorted(REGION_CODES, key=len, reverse=True)))


def extract(text: str) -> Entities:
    """All facts in `text`; each list is in text order, and nothing is invented."""
    view = aligned(text)
    return Entities(
        uscc=tuple(_uscc(text, view)),
        companies=tuple(_names(text, view, _COMPANY, _COMPANY_LEAD)),
        shops=tuple(_names(text, view, _SHOP, _SHOP_LEAD)),
        prices=tuple(_money(text, view, _PRICE)),
        quantities=tuple(_quantities(text, view)),
        places=tuple(
            Place(text[m.start() : m.end()], m.start(), m.end(), REGION_CODES[m[0]])
            for m in _PLACES.finditer(view)
        ),
        dates=tuple(
            _span(text, m, f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}") for m in _DATE.finditer(view)
        ),
        phones=tuple(_span(text, m, m[0].replace("-", "")) for m in _PHONE.finditer(view)),
        licences=tuple(_span(text, m, (m["no"] or m[0]).upper()) for m in _LICENCE.finditer(view)),
        fines=tuple(_fines(text, view)),
        articles=tuple(_articles(text, view)),
        party=_party(text, view),
    )


def _span(text: str, match: re.Match[str], value: str | float, group: str | int = 0) -> Span:
    return Span(text[match.start(group) : match.end(group)], *match.span(group), value)


def _uscc(text: str, view: str) -> Iterator[Code]:
    for match in _USCC.finditer(view):
        code = match[0].upper()
        check = check_uscc(code)
        yield Code(
            text[match.start() : match.end()],
            *match.span(),
            code,
            check.ok,
            check.reason,
            code[2:8],
        )


def _names(text: str, view: str, pattern: re.Pattern[str], lead: re.Pattern[str]) -> Iterator[Span]:
    """Names without the words that lead up to them ('我在...', '当事人...')."""
    for match in pattern.finditer(view):
        group = match.lastgroup or 0
        start, end = match.span(group)
        if (
            group != "q"
            and (extra := lead.match(view[start:end]))
            and end - start - extra.end() > 3
        ):
            start += extra.end()
        yield Span(text[start:end], start, end, text[start:end])


def _money(text: str, view: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    for match in pattern.finditer(view):
        value = amount(match["a"] or match["b"])
        if value is not None:
            yield _span(text, match, value)


def _quantities(text: str, view: str) -> Iterator[Span]:
    for match in _QUANTITY.finditer(view):
        value = amount(match["n"])
        if value:
            yield _span(text, match, f"{value:g}{match['u']}")


def _fines(text: str, view: str) -> Iterator[Span]:
    """Fines that were set; a range quoted from the law ('5000元以下的罚款') is none."""
    for match in _FINE.finditer(view):
        value = amount(match["b"] or match["a"] or match["c"] or "")
        if value and not _FINE_RANGE.match(view[match.end() :]):
            yield _span(text, match, value)


def _articles(text: str, view: str) -> Iterator[Article]:
    for match in _ARTICLE.finditer(view):
        law = re.sub(r"\s|\(.*?\)", "", match["law"]).removeprefix("中华人民共和国")
        value = law + re.sub(r"\s", "", match["no"])
        yield Article(text[match.start() : match.end()], *match.span(), value, law)


def _party(text: str, view: str) -> Span | None:
    for match in _PARTY.finditer(view):
        name = _PARTY_END.split(match["p"], maxsplit=1)[0].strip()
        if len(name) >= 2:
            start = match.start("p") + match["p"].index(name)
            original = text[start : start + len(name)]
            return Span(original, start, start + len(name), original)
    return None
