"""Counts by quarter of an hour follow the reports."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hub.services.warnings import report_counts
from models import Pulse, Report
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian", "pdd")


def _arrived(session, case, ago: timedelta):
    """Let the reports of a case have come in a while ago."""
    session.execute(
        update(Report).where(Report.case_id == case.id).values(received_at=func.now() - ago)
    )


def test_counts_follow_reports_that_moved_and_are_the_same_counted_twice(session, p):
    one = seed.rumor_case(session, [("停水三天", [p["jd"]] * 3)])
    other = seed.rumor_case(session, [("停水五天", [p["jd"]] * 2)])
    now = session.scalar(select(func.now()))
    report_counts.recount(session, now)
    report_counts.recount(session, now)
    assert _pulse(session) == {one.id: 3, other.id: 2}
    session.execute(update(Report).where(Report.case_id == other.id).values(case_id=one.id))
    report_counts.recount(session, now)
    assert _pulse(session) == {one.id: 5}


def test_a_merged_case_brings_its_past_along(session, p):
    one = seed.rumor_case(session, [("停水三天", [p["jd"]] * 3)])
    other = seed.rumor_case(session, [("停水五天", [p["jd"]] * 2)])
    for case in (one, other):
        _arrived(session, case, timedelta(minutes=50))
    now = session.scalar(select(func.now()))
    report_counts.recount(session, now)
    start = report_counts.fresh(session, now).start
    before = report_counts.past(session, start, [one.id])[one.id]
    other.merged_into_id = one.id
    session.flush()
    after = report_counts.past(session, start, [one.id])[one.id]
    assert after == pytest.approx(before * 5 / 3)
    total, evidence = report_counts.stream_past(session, start)
    assert total == pytest.approx(report_counts.past(session, start, [one.id])[one.id])
    assert 0 < evidence < 4


def _pulse(session) -> dict[int, int]:
    rows = session.execute(select(Pulse.case_id, func.sum(Pulse.n)).group_by(Pulse.case_id))
    return {case_id: n for case_id, n in rows}
