"""Each step of a case starts and ends the clocks that the law ties to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.problems import Problem
from hub.services.cases import actions
from hub.services.enforcement import approving, proposing
from hub.services.office import case_clocks, clock_rules, clocks
from models import Case, Clock, Report
from tests.hub.web import seed


@pytest.fixture
def people(session):
    made = seed.officers(session)
    session.commit()
    return made


@pytest.fixture
def case(session, people):
    p = seed.platforms(session, "jd")
    made = seed.merchant_case(session, [("口罩从2元涨到15元", [p["jd"]])], "91110102MA4712GN19")
    case_clocks.opened(session, {made.id: made.opened_at})
    session.commit()
    return made


def named(session, case: Case) -> None:
    """One of its reporters gave the real name."""
    report = session.scalar(select(Report).where(Report.case_id == case.id))
    report.payload = report.payload | {"reporter": {"kind": "user", "real_name": True}}
    session.flush()


def running(session, case: Case) -> set[str]:
    return {r.rule.code for r in clocks.read(session, case.id) if r.running}


def ended(session, case: Case, code: str) -> str | None:
    query = select(Clock.ended_because).where(Clock.case_id == case.id, Clock.rule == code)
    return session.scalar(query.order_by(Clock.id.desc()))


def test_filing_ends_the_verification_and_starts_the_decision(session, case, people):
    assert running(session, case) == {"verify"}
    actions.file(session, people["handler"], case.id, case.version)
    assert running(session, case) == {"decide"}
    with pytest.raises(Problem, match="已经立案"):
        actions.file(session, people["handler"], case.id, case.version)


def test_a_reporter_who_gave_the_name_must_be_told(session, case, people):
    named(session, case)
    actions.dismiss(session, people["clerk"], case.id, case.version, "证据不足")
    assert running(session, case) == {"tell"}
    session.commit()
    actions.reopen(session, people["clerk"], case.id, case.version, "新证据")
    assert running(session, case) == {"verify"} and ended(session, case, "tell") == "reopened"


def test_a_decision_must_be_served_and_published_and_withdrawn_when_revoked(session, case, people):
    proposing.propose(session, people["handler"], case.id, case.version, ["close_shop"], "事实")
    session.commit()
    approving.approve(session, people["approver"], case.id, case.version)
    assert running(session, case) == {"serve", "publish"}
    publish = session.scalar(select(Clock).where(Clock.rule == "publish"))
    clocks.done(session, people["clerk"], publish.id)
    approving.revoke(session, people["approver"], case.id, case.version, "申诉成立")
    assert running(session, case) == {"withdraw"}
    assert next(r.left for r in clocks.read(session, case.id) if r.running) == 3


def test_what_was_never_published_need_not_be_withdrawn(session, case, people):
    proposing.propose(session, people["handler"], case.id, case.version, ["close_shop"], "事实")
    session.commit()
    approving.approve(session, people["approver"], case.id, case.version)
    approving.revoke(session, people["approver"], case.id, case.version, "申诉成立")
    assert running(session, case) == set()


def test_merged_cases_run_from_the_earlier_report_and_part_again(session, people):
    p = seed.platforms(session, "jd")
    old = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    new = seed.rumor_case(session, [("口罩没有了", [p["jd"]])])
    case_clocks.opened(session, {old.id: old.opened_at - timedelta(days=30)})
    case_clocks.opened(session, {new.id: new.opened_at})
    first = session.scalar(select(Clock).where(Clock.case_id == old.id)).started_on
    actions.merge(session, people["clerk"], old.id, old.version, new.id)
    (joined,) = clocks.read(session, new.id)
    assert joined.clock.started_on == first and running(session, old) == set()
    actions.unmerge(session, people["clerk"], old.id, old.version)
    assert running(session, old) == {"verify"}


def test_a_clock_that_ends_by_a_step_is_not_ended_by_hand(session, case, people):
    verify = session.scalar(select(Clock).where(Clock.case_id == case.id))
    with pytest.raises(Problem, match="自动办结"):
        clocks.done(session, people["clerk"], verify.id)


def test_every_clock_of_a_step_is_a_rule_and_every_rule_starts_and_ends():
    """A misspelt code would start nothing, or leave a clock running for ever."""
    rules = clock_rules.rules()
    ends, starts = (
        {code for step in case_clocks._STEPS.values() for code in step[side]} for side in (0, 1)
    )
    assert ends | starts <= {rule.code for rule in rules}
    assert {rule.code for rule in rules} <= starts
    assert {rule.code for rule in rules if not rule.by_hand} <= ends
