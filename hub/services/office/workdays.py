"""Working days 工作日 by the Chinese calendar, with the weekends that are moved (调休).

The calendar is that of the yearly notices of the State Council's office, as the package
`chinesecalendar` keeps it. A year whose notice is not published yet is computed from its
weekends and the holidays of fixed date (全国年节及纪念日放假办法, 2024): a forecast, as `known`
tells.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_DAY = timedelta(days=1)


def known(day: date) -> bool:
    """Whether the holidays of that year have been announced."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=4096)  # the calendar of a year does not change while a process runs
def is_workday(day: date) -> bool:
    """Whether offices work on that day."""
    if known(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED


def add(start: date, days: int) -> date:
    """The `days`-th working day after `start`; the day itself is not counted (民法典 201)."""
    day = start
    while days > 0:
        day += _DAY
        days -= is_workday(day)
    return day


def add_calendar(start: date, days: int) -> date:
    """`days` calendar days after `start`; an end on a day off moves to the next working day
    (民法典 203)."""
    day = start + timedelta(days=days)
    while not is_workday(day):
        day += _DAY
    return day


@lru_cache(maxsize=4096)
def between(today: date, due: date) -> int:
    """Working days left from `today` to `due`; negative when it is past."""
    if due < today:
        return -between(due, today)
    return sum(is_workday(today + timedelta(days=n)) for n in range(1, (due - today).days + 1))
