"""Facts of a penalty decision: the party, the fines imposed, the articles cited.

Decisions arrive as PDF text, so a line break or blank inside a value is tolerated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.money import CN, NUMBER, amount


@dataclass(frozen=True)
class Cited:
    """An article cited at [start, end) of a view; `law` is without 中华人民共和国."""

    start: int
    end: int
    law: str
    number: str


# PDF text breaks a line within a figure.
_SUM = rf"(?:\d[\d,]*(?:\n\d+)?(?:\.\s?\d+)?|[{CN}]{{1,12}}(?:[元圆角分{CN}])*)\s*[百千万亿]{{0,2}}"
_LEAD = (
    r"(?:(?:合计|共计|金额|总额|合并执行|总计|计|为|人民币|小写|大写|[,:¥(])\s*"
    r"|(?:,\s*罚\s*款)){0,5}"
)
_FINE = re.compile(
    rf"罚\s*款\s*(?:的行政处罚)?{_LEAD}(?P<a>{_SUM})\s*(?:元|圆)?整?\s*"
    rf"(?:\(\s*(?:大写|小写|人民币)?[:¥\s]*(?P<b>{NUMBER})\s*元?整?\s*\))?\s*(?P<unit>元|圆|整)?"
    rf"|处以?\s*(?:人民币)?(?P<c>{_SUM})\s*(?:元|圆)整?(?:\([^()]{{0,20}}\))?的?\s*罚\s*款"
)
_RANGE = re.compile(r"^\s*(?:以上|以下|至|到|-|~|—|的?倍|%|‰|个|日|年|天|套|户|、)")


def fines(view: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, yuan) of imposed fines; ranges quoted from the law and sums of fines and
    confiscations are left out."""
    for match in _FINE.finditer(view):
        if _RANGE.match(view[match.end() :][:4]):
            continue
        words = match["a"] or match["c"]
        value = amount(match["b"] or "") or _spelt(words)
        # A lone character after 罚款 numbers the next item ("罚款;二..."): a sum has digits or a
        # unit.
        if value and (re.search(r"\d{2}|[元圆]|\d\.\d", words) or _closed(match)):
            yield match.start(), match.end(), value


def _closed(match: re.Match[str]) -> bool:
    return bool(match["b"] or match["c"] or match["unit"] or re.search(r"[元圆整]\W*$", match[0]))


def _spelt(words: str) -> float | None:
    """'壹仟元零壹角', '2,000', '3万'; yuan with tenths and hundredths."""
    whole, _, rest = re.sub(r"\s", "", words).partition("元")
    value = amount(whole)
    if value is None or not rest:
        return value
    for mark, part in (("角", 0.1), ("分", 0.01)):
        cut = re.search(rf"([{CN}])" + mark, rest)
        value += part * (amount(cut[1]) or 0) if cut else 0
    return round(value, 2)


_NUMBER_OF = r"第\s*[〇零一二三四五六七八九十百千\d\s]{1,9}?\s*条(?:之[一二三四五])?"
_PART = (
    r"(?:[\s/]*第\s*[一二三四五六七八九十\d]{1,3}\s*款)?"
    r"(?:[\s/]*第?\s*\(?\s*[一二三四五六七八九十\d]{1,3}\s*\)?\s*项)?"
)
_TITLE = r"《(?P<law>[^《》]{2,60}(?:<[^<>]{2,40}>[^《》]{0,20})?)》"
_ARTICLE = re.compile(
    rf"{_TITLE}(?:\s|\([^()]{{0,30}}\)|\(?\d{{4}}年?(?:修正|修订)\)?|修正|修订|[,:/]\s*(?=第)|之|中)*"
    rf"(?P<no>{_NUMBER_OF}{_PART})"
)
_CONTRACT = re.compile(r"(?:协议|合同|通知书|公告)$")
# A further article of the law named last: "...第七条、第十一条", also after the quoted text of one.
_FURTHER = re.compile(
    rf"(?:[、,;及和与或]|以及|[”\"](?:[、,;及和与]|以及)?)\s*(?P<no>{_NUMBER_OF}{_PART})"
)
_QUOTED = re.compile(r"“[^”“]{0,600}”")


def articles(view: str) -> Iterator[Cited]:
    """Every cited article in order: those behind a title, and those that follow on from it."""
    quoted = bytearray(len(view))
    for quote in _QUOTED.finditer(view):
        quoted[quote.start() + 1 : quote.end() - 1] = b"x" * (len(quote.group()) - 2)
    found = [(m.start(), m.end(), m["law"], m["no"]) for m in _ARTICLE.finditer(view)]
    titled = {m.end() for m in _ARTICLE.finditer(view)}
    ends = [end for *_, end in ((m.start(), m.end()) for m in re.finditer(_TITLE, view))]
    for match in _FURTHER.finditer(view):
        if match.end() in titled or quoted[match.start("no")]:
            continue
        law = _law_before(found, ends, match.start("no"))
        if law:
            found.append((*match.span("no"), law, match["no"]))
    for start, end, law, number in sorted(found):
        if not _CONTRACT.search(law):
            yield Cited(start, end, _name(law), re.sub(r"[\s/]", "", number))


_REACH = 700  # characters from the last article of a law to one that follows on


def _law_before(
    found: list[tuple[int, int, str, str]], titles: list[int], place: int
) -> str | None:
    """The law cited last before `place`, unless another title without article came between."""
    before = [one for one in found if one[1] <= place]
    if not before:
        return None
    last = max(before)
    between = [end for end in titles if last[1] < end <= place]
    return last[2] if place - last[1] <= _REACH and not between else None


def _name(law: str) -> str:
    return re.sub(r"\s|\(.*?\)|[<>]", "", law).removeprefix("中华人民共和国")


_PARTY = re.compile(
    r"当\s*事\s*人\s*(?:\([^)]{0,20}\))?\s*(?:\(?(?:姓名|名称)(?:或(?:姓名|名称))?\)?)?\s*:[ \t]*"
    r"(?P<p>[^\n,;。:]{2,80}(?::[^\n,;。:]{1,12}\))?)(?P<rest>\n[^\n,;。:]{1,16}(?=[\n,;。]))?"
)
_NO_COLON = re.compile(
    r"当\s*事\s*人(?P<p>[一-龥a-z()]{4,40}?)\s*[,(]\s*(?:系|统一社会|以下简称|住所|注册)"
)
_NAME_LINE = re.compile(r"(?:^|\n)\s*(?:单位)?名称\s*:[ \t]*(?P<p>[^\n,;。:]{4,60})")
_PARTY_END = re.compile(
    r"\s*(?:主体资格|统一社会|住所|住址|类型|性别|身份|地址|经营者|法定代表|负责人|经营场所|注册号|营业执照|联系)"
)
_LABEL = re.compile(
    r"^\s*(?:\d|主体|统一|住|类型|性别|身份|地址|经营|法定|负责|注册|营业|联系|电话|第|经|证照)"
)


def party(view: str) -> tuple[int, int] | None:
    """The position of the first named party; a masked or empty name is none."""
    for pattern in (_PARTY, _NO_COLON, _NAME_LINE):
        for match in pattern.finditer(view):
            start, end = match.span("p")
            rest = match.groupdict().get("rest")
            if rest and not _LABEL.match(rest):
                end = match.end("rest")
            bracket = view.find("(", start, end)
            stop = _PARTY_END.search(view, start, end)
            if stop and not (0 <= bracket < stop.start()):
                end = stop.start()
            name = view[start:end].strip()
            if len(name) >= 2 and re.search("[一-龥a-z]", name):
                start = view.index(name, start)
                return start, start + len(name)
    return None
