"""A surge is told before the first officer opens the case, once, with what it rests on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from hub.problems import Problem
from hub.services.office import notices
from hub.services.warnings import early_warnings, report_counts
from models import EarlyWarning, Notice, Report
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian", "pdd")


@pytest.fixture
def yesterday(session, p):
    """The hub was there before, and has a baseline."""
    old = seed.rumor_case(session, [("地铁停运", [p["jd"]] * 3)])
    _arrived(session, old, timedelta(hours=15))


def _arrived(session, case, ago: timedelta):
    """Let the reports of a case have come in a while ago."""
    session.execute(
        update(Report).where(Report.case_id == case.id).values(received_at=func.now() - ago)
    )


def test_a_surge_is_warned_of_once_with_its_numbers(session, p, yesterday, monkeypatch):
    monkeypatch.setattr(notices, "channels", lambda of: ("mail",))
    case = seed.rumor_case(session, [("口罩三天后断货", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    quiet = seed.rumor_case(session, [("小区停水", [p["jd"], p["weidian"]])])
    assert early_warnings.raise_warnings(session) == 1
    (warning,) = session.scalars(select(EarlyWarning))
    assert warning.case_id == case.id != quiet.id
    assert warning.found["count"] == 15 and warning.found["platforms"] == 2
    line = early_warnings.one(session, warning.id)
    assert "2 个平台共举报 15 件" in line.why
    (notice,) = session.scalars(select(Notice))
    assert f"C{case.id}" in notice.title and "15 件" in notice.lines[0]
    assert early_warnings.raise_warnings(session) == 0
    assert [w.id for w in early_warnings.of_case(session, case.id)] == [warning.id]


def test_after_it_was_seen_the_same_day_brings_no_second_warning(session, p, yesterday):
    officer = seed.officers(session)["clerk"]
    case = seed.rumor_case(session, [("口罩三天后断货", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    early_warnings.raise_warnings(session)
    (warning,) = session.scalars(select(EarlyWarning))
    early_warnings.acknowledge(session, officer, warning.id, "已派人核实")
    with pytest.raises(Problem) as refused:
        early_warnings.acknowledge(session, officer, warning.id, "")
    assert refused.value.status == 409
    assert early_warnings.raise_warnings(session) == 0
    session.execute(
        update(EarlyWarning).values(
            raised_at=func.now() - early_warnings.QUIET - timedelta(hours=1)
        )
    )
    assert early_warnings.raise_warnings(session) == 1
    assert len(early_warnings.of_case(session, case.id)) == 2


def test_a_debunk_going_round_is_no_surge(session, p, yesterday):
    case = seed.rumor_case(session, [("口罩断货是谣言", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    from models import Wording

    for wording in session.scalars(select(Wording)):
        wording.assessment = {**wording.assessment, "stance": {"stance": "denies"}}
    assert early_warnings.raise_warnings(session) == 0
    assert report_counts.denials(session, case.id, datetime.now(UTC) - timedelta(hours=1))
