"""Counts by day: each day in China is counted once, after it has ended, and never changes.

Public figures and trends read these few rows, not the reports. A published day does not change, so
that nobody can infer a single report from the difference of two queries.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub import beijing
from hub.services.office import clocks
from models import Case, DayCount, Report, Wording
from models.states import COUNTED

SETTLED = timedelta(hours=1)  # after midnight, until yesterday's last reports are assessed
MOST = 31  # days closed at once
_ALONE = 0x64617973


def close(session: Session) -> int:
    """Count the days that have ended since the last that was counted; returns how many."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_ALONE))):
        return 0
    last = session.scalar(select(func.max(DayCount.day)))
    ended = beijing.day_of(session.scalars(select(func.now())).one() - SETTLED)
    if last is not None and last >= ended - timedelta(days=1):
        return 0
    first = last + timedelta(days=1) if last else _first(session)
    if first is None:
        return 0
    days = [first + timedelta(days=i) for i in range(min((ended - first).days, MOST))]
    for day in days:
        columns = ["day", "platform_id", "kind", "type", "province", "n"]
        session.execute(insert(DayCount).from_select(columns, counts(day)))
        # A day without reports is closed as well.
        mark = {"day": day, "platform_id": 0, "kind": "", "type": "", "province": "", "n": 0}
        session.execute(insert(DayCount).values(mark))
    return len(days)


def _first(session: Session) -> date | None:
    at = session.scalar(select(func.min(Report.received_at)).where(Report.case_id.is_not(None)))
    return beijing.day_of(at) if at else None


def counts(day: date) -> Select[*tuple[Any, ...]]:
    """The rows of one day, from the current reports."""
    midnight = beijing.midnight(day)
    kept = (
        select(
            Report.platform_id,
            Report.kind,
            func.coalesce(Case.violation, Case.theme, "").label("type"),
            _province().label("province"),
        )
        .join(Case, Case.id == Report.case_id)
        .outerjoin(Wording, Wording.id == Report.wording_id)
        .where(
            Report.case_id.is_not(None),
            Report.state.in_(COUNTED),
            Report.received_at >= midnight,
            Report.received_at < midnight + timedelta(days=1),
        )
        .subquery()
    )
    by = (kept.c.platform_id, kept.c.kind, kept.c.type, kept.c.province)
    return select(literal(day), *by, func.count()).group_by(*by)


def _province() -> ColumnElement[str]:
    """Of the merchant as reported, else of the first place that the wording names."""
    sent = func.nullif(Report.region, "")
    named = func.left(Wording.assessment["entities"]["places"][0]["value"].astext, 2)
    return func.coalesce(sent, named, "")


def last(session: Session) -> date:
    """The last day that is closed; yesterday where nothing was reported yet."""
    known = session.scalar(select(func.max(DayCount.day)))
    return known or clocks.today(session) - timedelta(days=1)
