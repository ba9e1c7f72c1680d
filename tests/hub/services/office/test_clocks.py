"""Statutory clocks: started once, extended by two persons, stopped for tests, ended by deeds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hub.problems import Problem
from hub.services.office import clocks
from models import AuditEntry, Clock
from tests.hub.web import seed


@pytest.fixture
def people(session):
    made = seed.officers(session)
    session.commit()
    return made


@pytest.fixture
def case(session, people):
    p = seed.platforms(session, "jd")
    made = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    session.commit()
    return made


def running(session, code: str = "verify") -> Clock:
    return session.scalar(select(Clock).where(Clock.rule == code, Clock.ended_at.is_(None)))


def test_a_clock_starts_once_and_ends(session, case):
    clocks.start(session, case.id, "verify", date(2025, 3, 3))
    clocks.start(session, case.id, "verify", date(2025, 3, 10))
    (one,) = clocks.read(session, case.id)
    assert (one.clock.started_on, one.clock.due_on) == (date(2025, 3, 3), date(2025, 3, 24))
    assert one.nearness == "overdue" and one.left < 0
    clocks.end(session, case.id, ("verify", "decide"), "filed")
    (one,) = clocks.read(session, case.id)
    assert one.left is None and one.clock.ended_because == "filed"
    clocks.start(session, case.id, "verify")
    assert [r.clock.ended_at is None for r in clocks.read(session, case.id)] == [True, False]


def test_the_nearest_end_leads(session, case):
    day = clocks.today(session)
    clocks.start(session, case.id, "decide")
    clocks.start(session, case.id, "tell")
    found = clocks.nearest(session, [case.id])[case.id]
    assert found.rule.code == "tell" and found.left == 5
    assert clocks.reading(found.clock, day + timedelta(days=60)).nearness == "overdue"
    assert clocks.nearest(session, []) == {}


def test_an_extension_needs_a_reason_and_another_person(session, case, people):
    clocks.start(session, case.id, "verify", date(2025, 3, 3))
    clock = running(session)
    with pytest.raises(Problem, match="理由"):
        clocks.ask_extension(session, people["handler"], clock.id, " ")
    clocks.ask_extension(session, people["handler"], clock.id, "案情复杂")
    with pytest.raises(Problem, match="申请人以外"):
        clocks.decide_extension(session, people["handler"], clock.id, True)
    clocks.decide_extension(session, people["approver"], clock.id, True)
    assert clock.due_on == date(2025, 4, 15)
    with pytest.raises(Problem, match="只能延长一次"):
        clocks.ask_extension(session, people["handler"], clock.id, "再延")
    session.commit()
    entries = session.scalars(select(AuditEntry.action).where(AuditEntry.case_id == case.id))
    assert {"extension_asked", "extension_approved"} <= set(entries)


def test_a_refused_extension_may_be_asked_for_again(session, case, people):
    clocks.start(session, case.id, "verify", date(2025, 3, 3))
    clock = running(session)
    clocks.ask_extension(session, people["handler"], clock.id, "案情复杂")
    clocks.decide_extension(session, people["approver"], clock.id, False)
    assert clock.extension is None and clock.due_on == date(2025, 3, 24)
    clocks.ask_extension(session, people["handler"], clock.id, "补充证据")


def test_a_rule_without_extension_has_none(session, case, people):
    clocks.start(session, case.id, "tell")
    with pytest.raises(Problem, match="不得延长"):
        clocks.ask_extension(session, people["handler"], running(session, "tell").id, "忙")
    with pytest.raises(Problem, match="不扣除"):
        clocks.stop(session, people["handler"], running(session, "tell").id, "送检")


def test_time_for_testing_does_not_count(session, case, people):
    today = clocks.today(session)
    clocks.start(session, case.id, "verify", date(2025, 3, 3))
    clock = running(session)
    clocks.stop(session, people["handler"], clock.id, "口罩送检")
    assert clocks.nearest(session, [case.id]) == {}
    clock.stopped_on = today - timedelta(days=10)
    clocks.resume(session, people["handler"], clock.id)
    assert (clock.stopped_days, clock.due_on) == (10, date(2025, 4, 3))
    with pytest.raises(Problem, match="没有暂停"):
        clocks.resume(session, people["handler"], clock.id)
