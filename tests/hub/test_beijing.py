"""What a day is in Beijing, for Python and for the database alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import literal, select

from hub import beijing


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2020, 2, 20, 15, 59, 59, tzinfo=UTC), date(2020, 2, 20)),
        (datetime(2020, 2, 20, 16, 0, tzinfo=UTC), date(2020, 2, 21)),
        (datetime(2019, 12, 31, 16, 0, tzinfo=UTC), date(2020, 1, 1)),
    ],
)
def test_a_moment_lies_on_one_day_here_and_in_the_database(session, at, day):
    assert beijing.day_of(at) == day
    assert session.scalar(select(beijing.sql_day(literal(at)))) == day
    assert session.scalar(select(beijing.sql_local(literal(at)))) == beijing.local(at).replace(
        tzinfo=None
    )


def test_a_day_begins_at_midnight_in_beijing():
    begin = beijing.midnight(date(2020, 2, 21))
    assert begin == datetime(2020, 2, 20, 16, tzinfo=UTC)
    assert beijing.day_of(begin - timedelta(microseconds=1)) == date(2020, 2, 20)
