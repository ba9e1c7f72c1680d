"""What the public may see: counts by day and province, how fast, which measures, platforms.

Only closed days are published, small counts are suppressed, and nothing here names a person,
a merchant or a report (decisions shared with the public are in `audience`). Platforms are public
bodies here: their figures are shown as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import Session

from classifiers.regions import by_code
from hub.services.enforcement import escalation
from hub.services.enforcement.measures import CATALOGUE
from hub.services.openness import daily_counts
from hub.services.privacy import suppression
from models import Case, DayCount, Debunk, Decision, Order, Platform
from models.states import ONCE_APPROVED, OrderExecution

DAYS = 90  # of the table by day
KINDS = ("rumor", "violation")
UNKNOWN = "地区不明"


def by_day(session: Session) -> list[list[Any]]:
    """[day, rumor, violation, total] for the last DAYS closed days, oldest first."""
    last = daily_counts.last(session)
    found = _counts(session, DayCount.day, DayCount.day > last - timedelta(days=DAYS))
    days = sorted(found)
    return _published([day.isoformat() for day in days], [found[day] for day in days])


def by_province(session: Session) -> list[list[Any]]:
    """[code, province, rumor, violation, total], all provinces, since the hub began."""
    found = _counts(session, DayCount.province)
    known = {code[:2]: name for code, name in by_code().items() if code.endswith("0000")}
    codes = [*sorted(known), ""]
    unknown = [sum(n) for n in zip(*(of for c, of in found.items() if c not in known), strict=True)]
    cells = [found.get(code, [0, 0]) for code in sorted(known)] + [unknown or [0, 0]]
    rows = _published([code and f"{code}0000" for code in codes], cells)
    return [
        [row[0], known.get(code, UNKNOWN), *row[1:]] for code, row in zip(codes, rows, strict=True)
    ]


def _counts(session: Session, by: Any, *where: Any) -> dict[Any, list[int]]:
    rows = session.execute(
        select(by, DayCount.kind, func.sum(DayCount.n))
        .where(DayCount.n > 0, *where)
        .group_by(by, DayCount.kind)
    )
    found: dict[Any, list[int]] = {}
    for key, kind, n in rows:
        found.setdefault(key, [0, 0])[KINDS.index(kind)] += n
    return found


def _published(keys: Sequence[Any], cells: Sequence[Sequence[int]]) -> list[list[Any]]:
    """Rows of key, cells and total, with small counts suppressed."""
    made = suppression.table(cells)
    totals = [suppression.shown(sum(row)) for row in cells]
    return [[key, *row, total] for key, row, total in zip(keys, made, totals, strict=True)]


def by_measure(session: Session) -> list[list[Any]]:
    """[code, measure, decisions] of decisions that were approved, most frequent first."""
    measure = func.jsonb_array_elements(Decision.measures).column_valued(
        "measure", joins_implicitly=True
    )
    code = func.jsonb_extract_path_text(measure, "code")
    rows = session.execute(
        select(code, func.count(func.distinct(Decision.case_id)))
        .select_from(Decision)
        .where(Decision.state.in_(ONCE_APPROVED))
        .group_by(code)
        .order_by(func.count(func.distinct(Decision.case_id)).desc(), code)
    )
    return [
        [code, known.label if (known := CATALOGUE.get(code)) else code, suppression.shown(n)]
        for code, n in rows
    ]


def by_platform(session: Session) -> list[list[Any]]:
    """[platform, name, due, in time, late, unanswered, share in time, median hours]."""
    hours = _median_hours(Order.answered_at - Order.created_at)
    rows = session.execute(
        select(Platform.slug, hours)
        .join(Order, Order.platform_id == Platform.id)
        .where(Order.answered_at.is_not(None))
        .group_by(Platform.slug)
    )
    speed: dict[Any, float] = {slug: took for slug, took in rows}
    return [
        [
            r["platform"], r["name"], r["due"], r["answered_in_time"], r["answered_late"],
            r["unanswered"], r["share"], _round(speed.get(r["platform"])),
        ]
        for r in escalation.response(session)
    ]  # fmt: skip


def _median_hours(span: Any) -> Any:
    seconds = cast(func.extract("epoch", span), Float)
    return func.percentile_cont(0.5).within_group(seconds) / 3600


def _round(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)


@dataclass(frozen=True)
class Headline:
    """The figures at the top; small counts are suppressed, hours are None below FEW decisions."""

    until: date
    reports: suppression.Shown
    decided: suppression.Shown
    hours_to_decision: float | None
    hours_to_execution: float | None
    debunks: int


def headline(session: Session) -> Headline:
    """How many and how fast, from the beginning to the last closed day."""
    until = daily_counts.last(session)
    hours = _median_hours(Decision.approved_at - Case.opened_at)
    decided, waited = session.execute(
        select(func.count(), hours)
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.state.in_(ONCE_APPROVED), Decision.version == 1)
    ).one()
    executed, took = session.execute(
        select(func.count(), _median_hours(Order.answered_at - Order.created_at)).where(
            Order.execution.in_((OrderExecution.EXECUTED, OrderExecution.PARTIAL)),
            Order.revokes_id.is_(None),
        )
    ).one()
    return Headline(
        until=until,
        reports=suppression.shown(session.scalar(select(func.sum(DayCount.n))) or 0),
        decided=suppression.shown(decided),
        hours_to_decision=_round(waited) if decided >= suppression.FEW else None,
        hours_to_execution=_round(took) if executed >= suppression.FEW else None,
        debunks=session.scalar(select(func.count()).select_from(Debunk)) or 0,
    )


def debunked(session: Session) -> list[list[Any]]:
    """[id, claim, verdict, source, date, url] of every debunk, newest first."""
    rows = session.execute(
        select(Debunk.id, Debunk.claim, Debunk.verdict, Debunk.source, Debunk.date, Debunk.url)
        .order_by(Debunk.date.desc().nulls_last(), Debunk.id.desc())
    )  # fmt: skip
    return [
        [r.id, r.claim, r.verdict, r.source, r.date and r.date.isoformat(), r.url] for r in rows
    ]
