"""Prices that reports state, by product and unit, against the 7-day lowest and 19 January.

"十只卖一百五" is 15 yuan a piece; what a thing cost before ("平时", "原价") is no quote. The
7-day lowest is the reference of 明码标价和禁止价格欺诈规定 (articles 16 to 20); 19 January
2020 that of the guidance on gouging of protective goods.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import comb
from statistics import median

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers.entities import Span, extract
from hub import beijing
from hub.problems import FieldError, Problem
from hub.services.audit import audit_log
from hub.services.reports.report_text import whole_text
from hub.services.warnings import report_counts
from models import Case, PriceBaseline, PriceQuote, Report, User, Wording

PRODUCTS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "N95口罩": r"N95(?:[^，。；,;]{0,6}口罩)?|KN95(?:[^，。；,;]{0,6}口罩)?",
        "口罩": r"口罩",
        "防护服": r"防护服",
        "护目镜": r"护目镜|防护镜",
        "额温枪": r"额温枪|测温枪|体温枪",
        "体温计": r"体温计|温度计",
        "消毒液": r"消毒液|消毒水|84(?=[液一每瓶])",
        "酒精": r"酒精(?!炉|灯)",
        "熔喷布": r"熔喷布",
        "手套": r"(?:医用|橡胶|乳胶|丁腈)手套",
        "抗原试剂": r"抗原(?:试剂|检测)?",
        "退烧药": r"退烧药|布洛芬",
        "板蓝根": r"板蓝根",
        "鸡蛋": r"鸡蛋",
        "大米": r"大米",
        "面粉": r"面粉",
        "食用油": r"食用油|花生油|菜籽油|豆油",
        "猪肉": r"猪肉|五花肉|排骨",
        "蔬菜": r"白菜|青菜|蔬菜|土豆|萝卜",
        "方便面": r"方便面|泡面",
    }.items()
}
_BEFORE = re.compile(
    r"(?:平时|原价|原来|去年|之前|以前|本来|过去|节前|同款|进价|成本|1月19日)[^，。；,;]{0,8}\Z"
)
_REACH = 24  # characters from a product to its price
_COUNT = re.compile(r"(\d+(?:\.\d+)?)(\D+)\Z")
GROWTH = 1.3  # of the median against the reference
CHANCE = 1e-3  # of the sign test
WINDOW, WEEK = timedelta(hours=24), timedelta(days=7)
EACH = 3  # quotes that make a day's median
BATCH = 1000


@dataclass(frozen=True)
class Quote:
    """`price` yuan for one `unit` of `product`."""

    product: str
    unit: str
    price: float


def quotes(text: str) -> Iterator[Quote]:
    """The unit prices that a report says are charged now; the highest per product and unit."""
    read = extract(text)
    counted = [q for q in read.quantities if isinstance(q.value, str)]
    best: dict[tuple[str, str], float] = {}
    for price in read.prices:
        product = _nearest(text, price.start)
        if product is None or _BEFORE.search(text[: price.start]):
            continue
        unit, count = (price.per, 1.0) if price.per else _quantity_before(price.start, counted)
        if unit and len(unit) <= 4 and count > 0 and 0 < float(price.value) / count < 1e6:
            each = round(float(price.value) / count, 2)
            best[product, unit] = max(each, best.get((product, unit), 0.0))
    for (product, unit), each in best.items():
        yield Quote(product, unit, each)


def _quantity_before(at: int, quantities: list[Span]) -> tuple[str | None, float]:
    """The unit and number of the goods counted right before a price."""
    near = [q for q in quantities if 0 <= at - q.end <= 6]
    known = _COUNT.match(str(near[-1].value)) if near else None
    return (known[2], float(known[1])) if known else (None, 0.0)


def _nearest(text: str, at: int) -> str | None:
    """The product named last before a price, or the only one a text names."""
    # Of "N95口罩" and "口罩", which end alike, the longer.
    found = [(m.end(), -m.start(), n) for n, p in PRODUCTS.items() for m in p.finditer(text)]
    before = [each for each in found if each[0] <= at and at - each[0] <= _REACH]
    if before:
        return max(before)[2]
    names = {name for _, _, name in found}
    return names.pop() if len(names) == 1 else None


def gather(session: Session, now: datetime) -> int:
    """Store the prices in merchants' reports of the last hour; returns how many."""
    priced = func.jsonb_array_length(Wording.assessment["entities"]["prices"]) > 0
    rows = session.execute(
        select(Report.id, Report.platform_id, Report.text, Report.payload, Report.received_at)
        .join(Wording, Wording.id == Report.wording_id)
        .where(
            Report.case_id.is_not(None),
            Report.received_at >= now - report_counts.BACK,
            Report.kind == "violation",
            func.jsonb_typeof(Wording.assessment["entities"]["prices"]) == "array",
            priced,
            ~exists().where(PriceQuote.report_id == Report.id),
        )
        .limit(BATCH)
    )  # fmt: skip
    kept = [
        {"report_id": r.id, "platform_id": r.platform_id, "at": r.received_at,
         "product": q.product, "unit": q.unit, "price": q.price}
        for r in rows
        for q in quotes(whole_text(r.text, r.payload))
    ]  # fmt: skip
    if kept:
        session.execute(pg_insert(PriceQuote).values(kept).on_conflict_do_nothing())
    return len(kept)


@dataclass(frozen=True)
class Risen:
    """A product whose price has risen beyond a reference."""

    product: str
    unit: str
    quotes: int
    platforms: int
    median: float
    against: str  # week, baseline
    reference: float
    chance: float


def risen(session: Session, now: datetime) -> list[Risen]:
    """Products whose reported price of the last day is beyond a reference, on two platforms.

    Sign test: if the price were still the reference's, each quote would be above it with
    probability one half; all but a few of at least ten must be above.
    """
    fresh: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for product, unit, price, platform in session.execute(
        select(PriceQuote.product, PriceQuote.unit, PriceQuote.price, PriceQuote.platform_id)
        .where(PriceQuote.at > now - WINDOW)
    ):  # fmt: skip
        fresh[product, unit].append((price, platform))
    found = []
    for (product, unit), of in fresh.items():
        on, asked = {platform for _, platform in of}, [price for price, _ in of]
        if len(on) < 2:
            continue
        for against, reference in references(session, product, unit, now).items():
            chance = sign_test(sum(p > reference for p in asked), len(asked))
            middle = median(asked)
            if middle >= GROWTH * reference and chance <= CHANCE:
                found.append(
                    Risen(product, unit, len(of), len(on), middle, against, reference, chance)
                )
                break
    return found


def references(session: Session, product: str, unit: str, now: datetime) -> dict[str, float]:
    """{baseline: of 19 January, week: lowest daily median of the 7 days before}; what is known."""
    known = {"baseline": baseline(session, product, unit)}
    days = daily(session, product, unit, now - WINDOW - WEEK, now - WINDOW)
    known["week"] = min(days.values(), default=None)
    return {name: price for name, price in known.items() if price is not None}


def baseline(session: Session, product: str, unit: str) -> float | None:
    """The price of 19 January, where it is known."""
    return session.scalar(
        select(PriceBaseline.price).where(
            PriceBaseline.product == product, PriceBaseline.unit == unit
        )
    )


def daily(
    session: Session, product: str, unit: str, since: datetime, until: datetime
) -> dict[date, float]:
    """The median of each day in China that has at least EACH quotes."""
    day = beijing.sql_day(PriceQuote.at)
    middle = func.percentile_cont(0.5).within_group(PriceQuote.price)
    rows = session.execute(
        select(day, middle)
        .where(PriceQuote.product == product, PriceQuote.unit == unit)
        .where(PriceQuote.at >= since, PriceQuote.at < until)
        .group_by(day)
        .having(func.count() >= EACH)
        .order_by(day)
    )
    return {on: float(price) for on, price in rows}


def sign_test(above: int, of: int) -> float:
    """The probability of `above` or more heads among `of` fair coins."""
    probability: float = sum(comb(of, k) for k in range(above, of + 1)) / 2**of
    return probability


def set_baseline(
    session: Session, user: User, product: str, unit: str, price: float, source: str
) -> None:
    """Store what a product cost on 19 January. Raises Problem 422."""
    problems = [
        ("product", "目录中没有这种商品。", product in PRODUCTS),
        ("unit", "单位须为 1 至 4 个字。", 0 < len(unit) <= 4),
        ("price", "价格须大于 0 且不超过一百万元。", 0 < price < 1e6),
        ("source", "请写明价格依据。", bool(source.strip())),
    ]
    wrong = [FieldError(field, said, said) for field, said, right in problems if not right]
    if wrong:
        raise Problem(422, "invalid_fields", wrong[0].problem, wrong)
    values = {"price": price, "source": source.strip()[:500], "by_id": user.id}
    session.execute(
        pg_insert(PriceBaseline)
        .values(product=product, unit=unit, **values)
        .on_conflict_do_update(index_elements=["product", "unit"], set_=values)
    )
    audit_log.note(
        session, user.username, "price_baseline", product=product, unit=unit, price=price
    )


@dataclass(frozen=True)
class History:
    """One product's prices over time; `series` by seller, a value or None per day."""

    product: str
    unit: str
    days: list[date]
    series: dict[str, list[float | None]]
    quotes: int


_MOST_DAYS = 30


def history(
    session: Session, merchant_id: int | None, product: str = "", unit: str = ""
) -> list[History]:
    """The daily median price in reports about a merchant (or about all of them),
    beside the 7-day lowest and 19 January; most quoted product first."""
    day = beijing.sql_day(PriceQuote.at)
    value = func.percentile_cont(0.5).within_group(PriceQuote.price)
    query = select(PriceQuote.product, PriceQuote.unit, day, value, func.count())
    if merchant_id is not None:
        query = query.join(Report, Report.id == PriceQuote.report_id)
        query = query.join(Case, Case.id == Report.case_id).where(Case.merchant_id == merchant_id)
    else:
        query = query.where(PriceQuote.product == product, PriceQuote.unit == unit)
    rows = session.execute(query.group_by(PriceQuote.product, PriceQuote.unit, day).order_by(day))
    by: dict[tuple[str, str], dict[date, tuple[float, int]]] = defaultdict(dict)
    for name, per, on, price, n in rows:
        by[name, per][on] = (float(price), n)
    found = [
        _history(session, name, per, of, "本商户" if merchant_id else "各商户中位数")
        for (name, per), of in by.items()
    ]
    return sorted(found, key=lambda h: -h.quotes)


def _history(
    session: Session, product: str, unit: str, of: dict[date, tuple[float, int]], who: str
) -> History:
    last = max(of)
    first = max(min(of), last - timedelta(days=_MOST_DAYS - 1))
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    midnight = beijing.midnight(first)
    after = beijing.midnight(last + timedelta(days=1))
    market = daily(session, product, unit, midnight - WEEK, after)
    known = baseline(session, product, unit)
    series: dict[str, list[float | None]] = {
        who: [of[on][0] if on in of else None for on in days],
        "近7日最低": [_lowest(market, on) for on in days],
    }
    if known is not None:
        series["1月19日"] = [known for _ in days]
    return History(product, unit, days, series, sum(n for _, n in of.values()))


def _lowest(market: dict[date, float], on: date) -> float | None:
    """The lowest daily median of the seven days before a day."""
    return min((p for d, p in market.items() if on - WEEK <= d < on), default=None)


def baselines(session: Session) -> list[tuple[PriceBaseline, str]]:
    """The known prices of 19 January, and who entered them."""
    query = select(PriceBaseline, User.name).join(User, User.id == PriceBaseline.by_id)
    rows = session.execute(query.order_by(PriceBaseline.product, PriceBaseline.unit))
    return [(row, by) for row, by in rows]
