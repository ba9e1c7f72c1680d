"""A day is counted once, after it has ended, and stays as it was."""

from __future__ import annotations

from sqlalchemy import func, select, update

from hub.services.openness import daily_counts
from models import DayCount, Report
from tests.hub.web import seed


def test_a_closed_day_does_not_change(session, p, ago):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6)])
    ago(case, 3)
    assert daily_counts.close(session) >= 2 and daily_counts.close(session) == 0
    assert session.scalar(select(func.sum(DayCount.n))) == 6
    session.execute(update(Report).values(state="SUPERSEDED"))
    daily_counts.close(session)
    assert session.scalar(select(func.sum(DayCount.n))) == 6
