"""Working days follow the notices of 2020, 2025 and 2026, moved weekends included."""

from __future__ import annotations

from datetime import date

import pytest

from hub.services.office import workdays

D = date


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        # 2020: the Spring Festival holiday was prolonged to 2 February by the epidemic notice.
        (D(2020, 1, 23), 1, D(2020, 2, 3)),
        (D(2020, 1, 17), 3, D(2020, 1, 21)),  # Sunday 19 January was worked
        (D(2020, 4, 24), 3, D(2020, 4, 28)),  # Sunday 26 April was worked
        (D(2020, 9, 30), 1, D(2020, 10, 9)),  # National Day and Mid-Autumn in one week
        # 2025
        (D(2025, 1, 25), 2, D(2025, 1, 27)),  # Sunday 26 January was worked
        (D(2025, 1, 27), 1, D(2025, 2, 5)),
        (D(2025, 4, 30), 1, D(2025, 5, 6)),
        (D(2025, 9, 26), 2, D(2025, 9, 29)),  # Sunday 28 September was worked
        # 2026
        (D(2026, 2, 13), 1, D(2026, 2, 14)),  # Saturday 14 February was worked
        (D(2026, 2, 14), 1, D(2026, 2, 24)),
        (D(2026, 9, 30), 1, D(2026, 10, 8)),
    ],
)
def test_the_end_of_a_period_in_working_days(start, days, end):
    assert workdays.add(start, days) == end
    assert workdays.between(start, end) == days
    assert workdays.between(end, start) == -days


def test_the_day_it_starts_is_not_counted():
    assert workdays.add(D(2025, 3, 3), 15) == D(2025, 3, 24)


def test_calendar_days_end_on_a_day_offices_work():
    assert workdays.add_calendar(D(2025, 9, 24), 7) == D(2025, 10, 9)  # 1 October
    assert workdays.add_calendar(D(2025, 3, 3), 7) == D(2025, 3, 10)


def test_a_year_without_a_notice_is_a_forecast():
    assert workdays.known(D(2026, 12, 31)) and not workdays.known(D(2040, 1, 4))
    assert not workdays.is_workday(D(2040, 10, 1)) and workdays.is_workday(D(2040, 10, 4))
    assert not workdays.is_workday(D(2040, 1, 7))  # a Saturday
