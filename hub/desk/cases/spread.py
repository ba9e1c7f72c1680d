"""How a case spread over time, platforms and provinces; and the reports behind a warning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Interval, cast, func, literal, select
from sqlalchemy.orm import Session

from classifiers.regions import by_code
from hub.services.warnings import early_warnings, prices
from models import Case, Platform, PriceQuote, Report, Wording
from models.states import COUNTED

_STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
_MOST_STEPS = 72  # bins of a plot
_COLUMNS = 12  # of the heat table, at most
_REPORTS = 30  # shown behind a warning
UNKNOWN = "地区不明"


@dataclass(frozen=True)
class Spread:
    """A case over time. `starts` are the starts of the bins, `step` their length; `by_platform`
    has a count for each of them, `by_province` for each of the wider bins `wide`, most first."""

    step: timedelta
    starts: list[datetime]
    by_platform: dict[str, list[int]]
    wide: list[datetime]
    by_province: dict[str, list[int]]


def of_case(session: Session, case: Case) -> Spread | None:
    """How the case's counted reports came in; None where there are none."""
    counted = (Report.case_id == case.id, Report.state.in_(COUNTED))
    low, high = session.execute(
        select(func.min(Report.received_at), func.max(Report.received_at)).where(*counted)
    ).one()
    if low is None:
        return None
    step = _step(high - low)
    at = func.date_bin(cast(literal(step), Interval), Report.received_at, _EPOCH).label("at")
    columns = (Report.platform_id, Report.wording_id, Report.region)
    grouped = (
        select(at, *columns, func.count().label("n"))
        .where(*counted)
        .group_by("at", *columns)
        .subquery()
    )
    # A rumor's report has no merchant's region: use the first place its wording names.
    named = func.left(Wording.assessment["entities"]["places"][0]["value"].astext, 2)
    region = func.coalesce(grouped.c.region, named)
    rows = session.execute(
        select(grouped.c.at, Platform.name, region, cast(func.sum(grouped.c.n), Integer))
        .join(Platform, Platform.id == grouped.c.platform_id)
        .outerjoin(Wording, Wording.id == grouped.c.wording_id)
        .group_by(grouped.c.at, Platform.name, region)
    ).all()
    first = min(row[0] for row in rows)
    starts = [first + i * step for i in range(int((high - first) / step) + 1)]
    return _tables(rows, starts, step)


_EPOCH = func.to_timestamp(0)


def _step(span: timedelta) -> timedelta:
    """The finest step with no more than _MOST_STEPS bins; whole days beyond."""
    fine = next((step for step in _STEPS if span / step <= _MOST_STEPS), None)
    return fine or timedelta(days=-(-span.days // _MOST_STEPS))


def _tables(rows: Sequence[Any], starts: list[datetime], step: timedelta) -> Spread:
    index = {at: i for i, at in enumerate(starts)}
    per = -(-len(starts) // _COLUMNS)
    wide = starts[::per]
    platforms: dict[str, list[int]] = defaultdict(lambda: [0] * len(starts))
    provinces: dict[str, list[int]] = defaultdict(lambda: [0] * len(wide))
    for at, name, region, n in rows:
        i = index[at]
        platforms[name][i] += n
        provinces[province(region)][i // per] += n
    ordered = sorted(provinces, key=lambda p: (p == UNKNOWN, -sum(provinces[p])))
    return Spread(step, starts, dict(platforms), wide, {name: provinces[name] for name in ordered})


def province(code: str | None) -> str:
    """The full name of the province of a GB/T 2260 code."""
    return by_code().get(f"{code[:2]}0000", UNKNOWN) if code else UNKNOWN


@dataclass(frozen=True)
class Behind:
    """A report behind a warning."""

    case_id: int
    platform: str
    external_id: str
    received_at: datetime
    text: str
    price: str


def behind(session: Session, warning: early_warnings.WarningLine) -> list[Behind]:
    """The reports behind a warning, newest first, _REPORTS at most."""
    query = (
        select(Report.case_id, Platform.name, Report.external_id, Report.received_at, Report.text)
        .join(Platform, Platform.id == Report.platform_id)
        .order_by(Report.received_at.desc())
        .limit(_REPORTS)
    )
    if warning.case_id is not None:
        since = datetime.fromisoformat(warning.found["since"])
        until = datetime.fromisoformat(warning.found["until"])
        found = query.add_columns(literal("")).where(
            Report.case_id == warning.case_id, Report.state.in_(COUNTED),
            Report.received_at >= since, Report.received_at <= until,
        )  # fmt: skip
    else:
        found = (
            query.add_columns(PriceQuote.price)
            .join(PriceQuote, PriceQuote.report_id == Report.id)
            .where(
                PriceQuote.product == warning.product, PriceQuote.unit == warning.unit,
                PriceQuote.at <= warning.raised_at,
                PriceQuote.at > warning.raised_at - prices.WINDOW,
            )
        )  # fmt: skip
    return [
        Behind(case_id, platform, named, at, text, f"{price:g}" if price else "")
        for case_id, platform, named, at, text, price in session.execute(found)
    ]


def products(session: Session, most: int = 12) -> list[prices.History]:
    """The price histories of the products most quoted in the last 30 days."""
    rows = session.execute(
        select(PriceQuote.product, PriceQuote.unit)
        .where(PriceQuote.at > func.now() - timedelta(days=30))
        .group_by(PriceQuote.product, PriceQuote.unit)
        .order_by(func.count().desc(), PriceQuote.product)
        .limit(most)
    )
    return [prices.history(session, None, *row)[0] for row in rows]
