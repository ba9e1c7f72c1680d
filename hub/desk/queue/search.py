"""Search 搜索 in Chinese over reports, claims, merchants and decisions.

PostgreSQL's full-text search does not segment Chinese and its trigrams need three characters,
while most Chinese words have two. So GIN indexes cover the set of character bigrams of each text
(the SQL function `bigrams`): every substring of two characters or more is found, and candidates
from the index are compared with the text itself. Words separated by a blank must all occur in the
same text.

A word that more than MOST texts of a kind contain is not selective: then the queue is scanned in
its own order and each case is tested, which for such a word soon fills a page; the total is not
counted.

Search does not reveal masked numbers of persons; see `masked_search`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    lateral,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from classifiers.normalize import normalize
from hub.database import among
from hub.desk.cases.highlights import Segment
from hub.desk.queue import masked_search
from hub.services.privacy import masking
from models import Case, Decision, Merchant, Platform, Report, Shop, Wording
from models.merchant import MERCHANT_SEARCH_TEXT, SHOP_SEARCH_TEXT

# Among 50,000 cases, looking up the cases of so many texts costs as much as scanning the queue.
# Fewer for merchants: a word that nearly all names contain is not looked up in an index.
MOST = {"case": 3000, "wording": 3000, "decision": 3000, "merchant": 1000, "shop": 1000}
_AROUND = 24  # characters shown on either side of what was found


@dataclass(frozen=True)
class _Text:
    """A searched text: the indexed expression, the raw text, and the text as pages show it."""

    index: Any
    raw: Any
    shown: Any


def text_of(column: Any) -> _Text:
    """A column with an index on its `bigrams`."""
    return _Text(column, column, masked_search.shown(column))


def _named(index: str, name: Any, *codes: Any) -> _Text:
    """A name, which may contain a person's number, with codes, which are never masked."""
    raw, shown = (func.concat_ws(" ", each, *codes) for each in (name, masked_search.shown(name)))
    return _Text(literal_column(index, Text), raw, shown)


_TITLE, _WORDING, _FACTS = text_of(Case.title), text_of(Wording.text), text_of(Decision.facts)
MERCHANT = _named(MERCHANT_SEARCH_TEXT, Merchant.name, Merchant.uscc, Merchant.license_no)
SHOP = _named(SHOP_SEARCH_TEXT, Shop.name, Shop.shop_id)


@dataclass(frozen=True)
class Query:
    """A parsed search."""

    words: tuple[str, ...] = ()
    whole: str | None = None  # a long number, matched as a whole; also in `words`
    number: int | None = None  # a case number, typed C12 or 12
    report: str = ""  # possibly a platform's report id

    @property
    def empty(self) -> bool:
        return not self.words and self.number is None


@dataclass(frozen=True)
class SearchResult:
    """The cases a query finds: a condition on `Case`, and whether they can be counted."""

    condition: ColumnElement[bool]
    counted: bool = True


@dataclass(frozen=True)
class MatchReason:
    """Where a case matches the search."""

    where: str
    segments: list[Segment] = field(default_factory=list)


def parse(q: str) -> Query:
    """Words of two characters or more; single characters are ignored."""
    if (long := masked_search.whole(q)) is not None:
        return Query((long,), long, None, q.strip())
    words = tuple(dict.fromkeys(w for each in q.split() if len(w := each.lower()) > 1))
    digits = q.lstrip("Cc")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None
    return Query(words, None, number, q.strip())


def find(session: Session, query: Query) -> SearchResult:
    """The cases where one text (title, wording, merchant, shop, decision) contains every word."""
    if query.empty:
        return SearchResult(false())
    hits: dict[str, list[int]] = defaultdict(list)
    for kind, id_ in session.execute(_hits(query)) if query.words else ():
        hits[kind].append(id_)
    # Words that too many rows of a kind contain are tested case by case.
    tested = [_TESTS[kind](query) for kind, found in hits.items() if _many(kind, found)]
    hits = defaultdict(list, {k: found for k, found in hits.items() if not _many(k, found)})
    merchants = [*hits["merchant"], *hits["shop"]]
    ids = [*hits["case"], *hits["decision"], *hits["report"]]
    known: list[ColumnElement[bool]] = [Case.merchant_id == among(merchants)] if merchants else []
    if query.whole is not None:
        known.append(masked_search.holders(query.whole))
    if query.number is not None:
        ids.append(query.number)
    if hits["wording"]:
        ids += session.scalars(
            select(Report.case_id)
            .where(Report.wording_id == among(hits["wording"]), Report.case_id.is_not(None))
            .distinct()
        )
    return SearchResult(or_(Case.id == among(ids), *known, *tested), not tested)


def _many(kind: str, found: Sequence[int]) -> bool:
    return kind in MOST and len(found) > MOST[kind]


def _hits(query: Query) -> Any:
    """(kind, id) of at most MOST + 1 rows of each kind."""

    def part(kind: str, id_: Any, text: _Text, words: Sequence[str]) -> Select:
        inner = select(id_).where(indexed(text, words)).limit(MOST[kind] + 1).subquery()
        return select(literal(kind, Text), inner.c[0])

    words = query.words
    reports = (
        select(Report.case_id)
        .where(
            Report.platform_id.in_(select(Platform.id)),
            Report.external_id == query.report,
            Report.case_id.is_not(None),
        )
        .limit(1000)
        .subquery()
    )
    return union_all(
        part("case", Case.id, _TITLE, words),
        part("wording", Wording.id, _WORDING, normal(words)),
        part("merchant", Merchant.id, MERCHANT, words),
        part("shop", Shop.merchant_id, SHOP, words),
        part("decision", Decision.case_id, _FACTS, words),
        select(literal("report", Text), reports.c[0]),
    )


def normal(words: Iterable[str]) -> tuple[str, ...]:
    """The words in the form wordings are stored in: width, script and case folded."""
    return tuple(n if len(n := normalize(w)) > 1 else w for w in words)


def indexed(text: _Text, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether `text` contains every word: by its index, then by comparison."""
    pairs = sorted({w[i : i + 2] for w in words for i in range(len(w) - 1)})
    grams = cast(bindparam(None, pairs, ARRAY(Text)), ARRAY(Text))
    return and_(func.bigrams(text.index).op("@>")(grams), contains(text, words))


def contains(text: _Text, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether the shown part of `text` contains every word, or `text` the word as a number."""
    return and_(*(_contains_word(text, word) for word in words))


def _contains_word(text: _Text, word: str) -> ColumnElement[bool]:
    if not any(c.isdigit() for c in word):
        return func.lower(text.raw).contains(word, autoescape=True)
    shown = func.lower(text.shown).contains(word, autoescape=True)
    if masked_search.whole(word) is None:
        return shown
    return or_(shown, masked_search.contains_number(text.raw, word))


def _in_reports(query: Query) -> ColumnElement[bool]:
    """A report of the case matches: tested case by case, in the order of the page. A claim's few
    wordings stand for its thousands of reports."""
    matches = contains(_WORDING, normal(query.words))
    claimed = select(true()).where(Wording.claim_id == Case.claim_id, matches).limit(1)
    few = (
        select(Report.wording_id)
        .where(Case.claim_id.is_(None), Report.case_id == Case.id)
        .distinct()
        .correlate(Case)
        .lateral()
    )
    reported = (
        select(true()).select_from(few).join(Wording, Wording.id == few.c.wording_id).where(matches)
    ).limit(1)
    tests = (each.correlate(Case).scalar_subquery() for each in (claimed, reported))
    return func.coalesce(*tests, false())


def _exists(text: _Text, of: ColumnElement[bool], words: Sequence[str]) -> ColumnElement[bool]:
    """A row that belongs to the case matches."""
    return exists().where(of, contains(text, words))


# By kind of text: whether one that belongs to the case matches.
_TESTS: dict[str, Callable[[Query], ColumnElement[bool]]] = {
    "case": lambda q: contains(_TITLE, q.words),
    "wording": _in_reports,
    "merchant": lambda q: _exists(MERCHANT, Merchant.id == Case.merchant_id, q.words),
    "shop": lambda q: _exists(SHOP, Shop.merchant_id == Case.merchant_id, q.words),
    "decision": lambda q: _exists(_FACTS, Decision.case_id == Case.id, q.words),
}


def explain(session: Session, query: Query, titles: dict[int, str]) -> dict[int, MatchReason]:
    """Why each of these cases (id to title) was found; the title explains itself."""
    found: dict[int, MatchReason] = {}
    if not query.words:
        return found
    for query_of in (_by_merchant, _by_shop, _by_decision, _by_report):
        left = [
            id_
            for id_, title in titles.items()
            if id_ not in found and not all(w in masking.mask(title).lower() for w in query.words)
        ]
        for id_, where, text in session.execute(query_of(query, left)) if left else ():
            found.setdefault(
                id_, MatchReason(where, snippet(text, normal(query.words) + query.words))
            )
    return found


def _by_merchant(query: Query, ids: list[int]) -> Select:
    # The page's few cases first: otherwise the planner scans every merchant.
    cases = select(Case.id, Case.merchant_id).where(Case.id.in_(ids)).cte()
    cases = cases.prefix_with("MATERIALIZED")
    return (
        select(cases.c.id, literal("商户"), MERCHANT.raw)
        .join(Merchant, Merchant.id == cases.c.merchant_id)
        .where(contains(MERCHANT, query.words))
    )


def _by_shop(query: Query, ids: list[int]) -> Select:
    return (
        select(Case.id, func.concat(Platform.name, "店铺"), SHOP.raw)
        .join(Shop, Shop.merchant_id == Case.merchant_id)
        .join(Platform, Platform.id == Shop.platform_id)
        .where(Case.id.in_(ids), contains(SHOP, query.words))
    )


def _by_decision(query: Query, ids: list[int]) -> Select:
    where = func.concat("处理决定第 ", Decision.version, " 版")
    return select(Decision.case_id, where, Decision.facts).where(
        Decision.case_id.in_(ids), contains(_FACTS, query.words)
    )


def _by_report(query: Query, ids: list[int]) -> Select:
    matches = contains(_WORDING, normal(query.words))
    first = lateral(
        select(func.concat(Platform.name, "举报 ", Report.external_id).label("ref"), Wording.text)
        .join_from(Report, Wording, Wording.id == Report.wording_id)
        .join(Platform, Platform.id == Report.platform_id)
        .where(Report.case_id == Case.id, or_(matches, Report.external_id == query.report))
        .limit(1)
        .correlate(Case)
    ).alias("first")
    return select(Case.id, first.c.ref, first.c.text).join(first, true()).where(Case.id.in_(ids))


def snippet(text: str, words: Iterable[str]) -> list[Segment]:
    """The part of `text` around the first word found, that word marked."""
    text = masking.mask(text)  # before it is cut: half a number would not be recognised
    lower = text.lower()
    at, word = next(((lower.find(w), w) for w in words if w in lower), (0, ""))
    if len(lower) != len(text):  # lower-casing changed the length: positions do not match
        at, word = 0, ""
    begin, end = max(0, at - _AROUND), at + len(word) + _AROUND
    before = ("…" if begin else "") + text[begin:at]
    after = text[at + len(word) : end] + ("…" if end < len(text) else "")
    hit = [Segment(text[at : at + len(word)], "cue", "搜索词")] if word else []
    return [Segment(before), *hit, Segment(after)]
