"""A day is counted once, after it has ended, and stays as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hub.services.openness import daily_counts
from models import DayCount, Report
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian")


def _ago(session, case, days):
    session.execute(
        update(Report)
        .where(Report.case_id == case.id)
        .values(received_at=func.now() - timedelta(days=days))
    )


def test_a_closed_day_does_not_change(session, p):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6)])
    _ago(session, case, 3)
    assert daily_counts.close(session) >= 2 and daily_counts.close(session) == 0
    assert session.scalar(select(func.sum(DayCount.n))) == 6
    session.execute(update(Report).values(state="SUPERSEDED"))
    daily_counts.close(session)
    assert session.scalar(select(func.sum(DayCount.n))) == 6
