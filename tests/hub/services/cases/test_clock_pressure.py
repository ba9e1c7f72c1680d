"""A statutory term that is near or past raises its case in the queue, as long as it runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.jobs import remind
from hub.services.cases import clock_pressure, ranking
from hub.services.office import clocks, workdays
from models import Case
from tests.hub.web import seed


@pytest.fixture
def timed(session, officers):
    """`timed(left)`: a case whose term ends so many days from today."""
    p = seed.platforms(session, "jd")["jd"]
    today = clocks.today(session)

    def timed(left: int) -> Case:
        case = seed.rumor_case(session, [(f"口罩断货{left}", [p] * 2)])
        clocks.start(session, case.id, "verify")
        (reading,) = clocks.read(session, case.id)
        reading.clock.due_on = today + timedelta(left)
        session.commit()
        return case

    return timed


def looked(session, case: Case) -> tuple[str | None, float]:
    """What presses the case after a minute's look, and what that makes of its priority."""
    remind.drain()
    session.expire_all()
    plain = ranking.priority(case.urgency, case.demand, case.spread, case.trust)
    return case.pressing, pytest.approx(case.priority / plain)


def test_a_term_that_is_near_or_past_raises_the_priority(session, timed):
    assert looked(session, timed(40)) == (None, 1.0)
    assert looked(session, timed(1)) == ("soon", 1.5)
    assert looked(session, timed(-1)) == ("overdue", 2.0)


def test_the_term_that_ends_first_counts(session, timed):
    case = timed(1)
    clocks.start(session, case.id, "tell", clocks.today(session) - timedelta(60))
    session.commit()
    assert looked(session, case) == ("overdue", 2.0)


def test_what_was_done_or_stands_still_presses_no_more(session, timed):
    case, other = timed(-1), timed(-2)
    assert looked(session, case) == ("overdue", 2.0)
    clocks.end(session, case.id, ["verify"], "done")
    clocks.read(session, other.id)[0].clock.stopped_on = clocks.today(session)
    session.commit()
    assert looked(session, case) == (None, 1.0)
    assert looked(session, other) == (None, 1.0)


def test_the_last_three_working_days_press(session, timed):
    today = clocks.today(session)
    case = timed((workdays.add(today, clocks.SOON) - today).days)
    later = timed((workdays.add(today, clocks.SOON) - today).days + 1)
    assert looked(session, case)[0] == "soon" and later.pressing is None


def test_many_are_set_right_some_at_a_time(session, timed, monkeypatch):
    monkeypatch.setattr(clock_pressure, "STEP", 2)
    many = [timed(-n) for n in range(1, 6)]
    assert clock_pressure.step(session) and sum(case.pressing is not None for case in many) == 2
    session.commit()
    remind.drain()
    session.expire_all()
    assert {case.pressing for case in many} == {"overdue"} and not clock_pressure.step(session)


def test_what_is_past_no_more_but_has_another_term_near_presses_less(session, timed):
    case = timed(-1)
    clocks.start(session, case.id, "tell")
    clocks.read(session, case.id)[1].clock.due_on = clocks.today(session)
    session.commit()
    assert looked(session, case) == ("overdue", 2.0)
    clocks.end(session, case.id, ["verify"], "done")
    session.commit()
    assert looked(session, case) == ("soon", 1.5)
