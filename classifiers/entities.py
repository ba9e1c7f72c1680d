"""Facts stated in a report or a penalty decision: who, where, how much, under which article.

Patterns read the folded view of the text (see `fold`), and every span points into the original.
Each kind has its own module: `codes` (credit codes, licences), `money` (prices, quantities),
`decisions` (party, fines, articles), `regions` (places); names, dates and phones are here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers import codes, decisions, money, regions
from classifiers.codes import USCC_ALPHABET, UsccCheck, check_uscc
from classifiers.fold import Folded, fold
from classifiers.money import amount, chinese_number

__all__ = ["USCC_ALPHABET", "UsccCheck", "amount", "check_uscc", "chinese_number", "extract"]


@dataclass(frozen=True)
class Span:
    """A found fact: the words at [start, end) of the original and the value they state."""

    text: str
    start: int
    end: int
    value: str | float


@dataclass(frozen=True)
class Code(Span):
    """A credit code; `value` is it in upper case without spaces, `region` its GB/T 2260 digits.

    `suggestion` is the valid code that was probably meant, one misread character away.
    """

    valid: bool
    reason: str | None
    region: str
    suggestion: str | None = None


@dataclass(frozen=True)
class Price(Span):
    """A price or sum in yuan; `per` is the unit it is charged for ('盒'), if stated."""

    per: str | None = None


@dataclass(frozen=True)
class Place(Span):
    """A province, prefecture or county; `value` is its GB/T 2260 code, `name` its full name."""

    name: str = ""


@dataclass(frozen=True)
class Licence(Span):
    """A licence or registration number; `valid` is the result of its check digit, None without
    one."""

    kind: str = ""
    valid: bool | None = None


@dataclass(frozen=True)
class Article(Span):
    """A cited article; `value` reads 'law第N条...', `law` without 中华人民共和国."""

    law: str


@dataclass(frozen=True)
class Entities:
    """Everything `extract` knows. Money is in yuan; dates are ISO 8601, '--MM-DD' without year."""

    uscc: tuple[Code, ...] = ()
    companies: tuple[Span, ...] = ()
    shops: tuple[Span, ...] = ()
    prices: tuple[Price, ...] = ()
    quantities: tuple[Span, ...] = ()
    places: tuple[Place, ...] = ()
    dates: tuple[Span, ...] = ()
    phones: tuple[Span, ...] = ()
    licences: tuple[Licence, ...] = ()
    fines: tuple[Span, ...] = ()
    articles: tuple[Article, ...] = ()
    party: Span | None = None


# A run of X masks digits: no code has four. The label admits codes of a wrong length, too.
_USCC = re.compile(
    r"(?<![0-9a-z])(?=[0-9a-z ]{18})(?!\w*xxxx)[159yl][0-9a-z]{17}(?![0-9a-z])"
    r"|(?<=信用代码)[^0-9a-z\n*]{0,12}(?P<near>(?!\w*xxxx)[0-9a-z]{16,20})(?![0-9a-z*])"
)
_MONTH, _DAY = (
    "(1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})",
    "(3[01]|[12]\\d|0?[1-9]|[一二三四五六七八九十]{1,3})",
)
_DATE = re.compile(
    rf"((?:19|20)\d\d)\s*(?:年|[-/.])\s*{_MONTH}\s*(?:月|[-/.])\s*{_DAY}\s*[日号]?(?!\d)"
    rf"|(?<![\d年.])()(1[0-2]|0?[1-9])\s*月\s*(3[01]|[12]\d|0?[1-9])\s*[日号]"
)
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d(?:\d|\*){8}|0\d{2,3}-\d{7,8}|[48]00-?\d{3}-?\d{4})(?!\d)")
_COMPANY = re.compile(
    r"[一-龥a-z0-9()]{2,30}?(?:有限责任公司|股份有限公司|有限公司|合作社|合伙企业|个人独资企业)(?:[一-龥]{2,8}分(?:公司|店))?"
)
_ENDINGS = (
    "旗舰店|专卖店|专营店|企业店|直播间|大药房|超市|便利店|药店|药房|诊所|商行|餐饮店|饭店|大酒店|酒店|宾馆|商店|百货"
    "|杂货铺|食品店|副食店|蛋糕店|水果店|美容店|理发店|生鲜店|母婴店|服装店|网店|小吃店|烧烤店|火锅店|奶茶店|养生馆"
    "|经营部|批发部|服务部"
)
_SHOP = re.compile(
    r"[“\"「『【《](?P<q>[^“”\"「」『』【】《》\n]{2,24})[”\"」』】》]\s*(?:的)?(?:网店|店铺|旗舰店|专卖店|直播间|小店|淘宝店|微店)"
    r"|(?:店铺?名(?:称)?|商家名称?)(?:叫|是|为|:)\s*(?P<l>[^\s,.。;!?:“”]{2,20})"
    rf"|(?P<n>[一-龥a-z0-9]{{2,16}}?(?:{_ENDINGS})(?!名))"
)
_SHOP_LEAD = re.compile(
    r"^.*(?:在|于|叫|名为|是|的|从|去|到|跟|和|与|了|家|平台|一个|淘宝|京东|拼多多|抖音|快手|对|经查|举报|投诉|[市省区县镇](?=[一-龥]{4}))"
)
_COMPANY_LEAD = re.compile(
    r"^.*(?:当事人|名称|公司名为|系|为|由|向|从|于|在|对|与|和|及|经|是|叫|举报|投诉|的)(?=[一-龥]{4})"
)
# What an ending alone, or a place beside it, does not name.
_NO_NAME = re.compile(
    r"^(?:这|那|该|某|一|几|每|各|本|附近|楼下|小区|路口|门口|网上|实体|线上|大|小|多|全)*(?:家|个|间)?$"
)


def extract(text: str) -> Entities:
    """All facts in `text`; each list is in text order, and nothing is invented."""
    return read(fold(text))


def read(folded: Folded) -> Entities:
    """All facts in a folded text."""
    view = folded.view
    named = decisions.party(view)
    return Entities(
        uscc=tuple(_uscc(folded)),
        companies=tuple(_names(folded, _COMPANY, _COMPANY_LEAD)),
        shops=tuple(_names(folded, _SHOP, _SHOP_LEAD)),
        prices=tuple(
            Price(*_where(folded, p.start, p.end), p.value, p.unit) for p in money.prices(view)
        ),
        quantities=tuple(
            Span(*_where(folded, q.start, q.end), f"{q.value:g}{q.unit}")
            for q in money.quantities(view)
        ),
        places=tuple(
            Place(*_where(folded, r.start, r.end), r.code, regions.by_code()[r.code])
            for r in regions.find(view)
        ),
        dates=tuple(_dates(folded)),
        phones=tuple(
            Span(*_where(folded, *m.span()), m[0].replace("-", "")) for m in _PHONE.finditer(view)
        ),
        licences=tuple(
            Licence(*_where(folded, n.start, n.end), n.number, n.kind, n.valid)
            for n in codes.licences(view)
        ),
        fines=tuple(
            Span(*_where(folded, start, end), value) for start, end, value in decisions.fines(view)
        ),
        articles=tuple(
            Article(*_where(folded, a.start, a.end), a.law + a.number, a.law)
            for a in decisions.articles(view)
        ),
        party=_name(folded, *named) if named else None,
    )


def _where(folded: Folded, start: int, end: int) -> tuple[str, int, int]:
    """The original text behind a part of the view, and its position."""
    cue = folded.cue(start, end)
    return cue.text, cue.start, cue.end


def _name(folded: Folded, start: int, end: int) -> Span:
    """A name: its value is in the writer's own characters, without blanks and line breaks."""
    words, first, last = _where(folded, start, end)
    value = re.sub(r"\s+", " " if re.search(r"[A-Za-z]\s+[A-Za-z]", words) else "", words)
    return Span(words, first, last, value)


def _uscc(folded: Folded) -> Iterator[Code]:
    for match in _USCC.finditer(folded.view):
        group = "near" if match["near"] else 0
        code = match[group].upper()
        if not any(char.isdigit() for char in code):
            continue
        check = check_uscc(code)
        where = _where(folded, *match.span(group))
        yield Code(*where, code, check.ok, check.reason, code[2:8], check.suggestion)


def _dates(folded: Folded) -> Iterator[Span]:
    for match in _DATE.finditer(folded.view):
        year, *rest = match.groups()[:3] if match[1] else ("-", match[5], match[6])
        month, day = (int(amount(part) or 0) for part in rest)
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Span(*_where(folded, *match.span()), f"{year}-{month:02}-{day:02}")


def _names(folded: Folded, pattern: re.Pattern[str], lead: re.Pattern[str]) -> Iterator[Span]:
    """Names without the words that lead up to them ('我在...', '当事人...')."""
    for match in pattern.finditer(folded.view):
        group = match.lastgroup or 0
        start, end = match.span(group)
        if (
            group not in ("q", "l")
            and (extra := lead.match(folded.view[start:end]))
            and end - start - extra.end() > 3
        ):
            start += extra.end()
        own = re.sub(rf"(?:{_ENDINGS})$", "", folded.view[start:end])
        if not _NO_NAME.match(own):
            yield _name(folded, start, end)
