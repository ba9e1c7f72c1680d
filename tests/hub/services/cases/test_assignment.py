"""A case has one pair of hands, and an absent officer blocks nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hub.problems import Problem
from hub.services.cases import assignment
from hub.services.office import clocks
from models import Case, User
from tests.hub.web import seed


@pytest.fixture
def case(session) -> Case:
    return seed.rumor_case(session, [("口罩断货", [])])


@pytest.fixture
def people(session) -> dict[str, User]:
    made = {
        name: User(username=name, name=name, role=role, password_hash="-")
        for name, role in (("lin", "handler"), ("zhou", "handler"), ("wu", "approver"))
    }
    session.add_all(made.values())
    session.flush()
    return made


def _free(session, case: Case) -> bool:
    return session.scalar(select(assignment.free()).where(Case.id == case.id))


def _away(session, case: Case) -> None:
    ended = func.now() - timedelta(minutes=1)
    session.execute(update(Case).where(Case.id == case.id).values(owner_until=ended))
    session.refresh(case)


def test_a_taken_case_is_nobody_elses_until_the_time_runs_out(session, case, people):
    assert _free(session, case)
    assignment.take(session, people["lin"], case.id, case.version)
    session.flush()
    session.refresh(case)
    assert case.state == "INVESTIGATING" and not _free(session, case)
    with pytest.raises(Problem, match="已由他人领取"):
        assignment.take(session, people["zhou"], case.id, case.version)
    with pytest.raises(Problem, match="不在您手中"):
        assignment.release(session, people["zhou"], case.id, case.version)
    _away(session, case)
    assert _free(session, case)
    assert assignment.take(session, people["zhou"], case.id, case.version).owner_id == 2


def test_a_look_renews_the_time_of_its_officer_alone_and_only_while_it_lasts(session, case, people):
    assignment.take(session, people["lin"], case.id, case.version)
    session.flush()
    soon = func.now() + timedelta(minutes=2)
    for officer, renewed in (("zhou", False), ("lin", True)):
        session.execute(update(Case).values(owner_until=soon))
        assignment.renew(session, people[officer].id, case.id)
        left = session.scalar(select(Case.owner_until - func.now()))
        assert (left > timedelta(minutes=10)) is renewed
    _away(session, case)
    assignment.renew(session, people["lin"].id, case.id)
    assert _free(session, case)


def test_a_case_in_anothers_hands_is_handed_over_by_an_approver_alone(session, case, people):
    assignment.take(session, people["lin"], case.id, case.version)
    session.flush()
    session.refresh(case)
    with pytest.raises(Problem, match="不能移交"):
        assignment.hand_over(session, people["zhou"], case.id, case.version, "zhou")
    with pytest.raises(Problem, match="哪位"):
        assignment.hand_over(session, people["wu"], case.id, case.version, "wu")
    given = assignment.hand_over(session, people["wu"], case.id, case.version, "zhou")
    assert given.owner_id == people["zhou"].id
    assert dict(assignment.colleagues(session)) == {"lin": "lin", "zhou": "zhou"}


def test_a_parked_case_comes_back_by_being_taken(session, case, people):
    day = clocks.today(session)
    with pytest.raises(Problem, match="晚于今天"):
        assignment.park(session, people["lin"], case.id, case.version, day, "等检测")
    later = day + timedelta(days=3)
    assignment.park(session, people["lin"], case.id, case.version, later, " 等检测 ")
    assert (case.parked_until, case.parked_because, case.owner_id) == (later, "等检测", None)
    assignment.take(session, people["zhou"], case.id, case.version)
    assert case.parked_until is case.parked_because is None
    with pytest.raises(Problem, match="没有暂缓"):
        assignment.unpark(session, people["lin"], case.id, case.version)
