"""Beijing time 北京时间, for display and for counting days; the database stores UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func

ZONE = timezone(timedelta(hours=8))  # no daylight saving time since 1991


def today() -> date:
    """The current date, by this machine's clock."""
    return datetime.now(ZONE).date()


def local(at: datetime) -> datetime:
    """The same moment in Beijing time."""
    return at.astimezone(ZONE)


def day_of(at: datetime) -> date:
    """The date of a moment."""
    return local(at).date()


def midnight(day: date) -> datetime:
    """The beginning of a date."""
    return datetime.combine(day, time(), ZONE)


def sql_local(at: Any) -> ColumnElement[datetime]:
    """`local` in a query: a timestamp without zone."""
    return func.timezone("Asia/Shanghai", at)


def sql_day(at: Any) -> ColumnElement[date]:
    """`day_of` in a query."""
    return cast(sql_local(at), Date)
