"""The table of actions for itself; what pages and routes make of it is walked in test_buttons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.problems import Problem
from hub.services.cases import permitted
from hub.services.cases.permitted import CaseFacts, OpenAppeal
from models import ROLES, User
from models.states import AppealState, CaseState, DecisionState
from tests.hub.web import seed

OPEN = CaseFacts(
    role="handler", state=CaseState.OPEN, demand=2, mine=False, free=True, parked=False,
    filed=False, related=False, replaced=False, into_state=None, proposed_by_me=None,
    in_force=None, in_force_by_me=False, appeals=(),
)  # fmt: skip
ORDERED = replace(OPEN, role="approver", state=CaseState.ORDERED, in_force=DecisionState.APPROVED)


def refused(action: str, facts: CaseFacts) -> tuple[int, str] | None:
    problem = permitted.refusal(action, facts)
    return (problem.status, problem.code) if problem else None


def test_every_action_names_roles_that_there_are():
    assert all(set(each.roles) <= set(ROLES) for each in permitted.ACTIONS.values())


def test_nobody_answers_for_an_own_proposal():
    assert refused("approve", replace(OPEN, proposed_by_me=False)) is None
    assert refused("approve", replace(OPEN, proposed_by_me=True)) == (403, "four_eyes")
    assert refused("withdraw", replace(OPEN, proposed_by_me=False)) == (403, "forbidden")
    assert refused("reject", OPEN) == (409, "conflict")
    assert refused("revoke", ORDERED) is None
    assert refused("revoke", replace(ORDERED, in_force_by_me=True)) == (403, "four_eyes")


def test_each_appeal_is_judged_for_itself():
    own = OpenAppeal(1, AppealState.FILED, against_in_force=True, by_me=True)
    others = OpenAppeal(2, AppealState.STAYED, against_in_force=True, by_me=False)
    facts = replace(ORDERED, appeals=(own, others))
    assert refused("uphold", facts) is None
    assert refused("uphold", facts.about(1)) == (403, "four_eyes")
    assert refused("stay", facts.about(2)) == (409, "conflict")
    assert refused("uphold", facts.about(3)) == (409, "conflict")


def test_a_role_is_offered_its_own_actions_only():
    assert {"take", "file", "propose"} <= permitted.actions(OPEN)
    assert permitted.actions(replace(OPEN, role="auditor")) == frozenset()
    assert "propose" not in permitted.actions(replace(OPEN, role="clerk"))


def test_a_case_that_waits_for_approval_takes_no_step_of_before(session):
    case = seed.rumor_case(session, [("口罩断货", [])])
    user = User(username="lin", name="林警官", role="handler", password_hash="-")
    session.add(user)
    session.flush()
    assert permitted.locked(session, user, case.id, case.version, "dismiss") is case
    case.state = CaseState.PROPOSED
    with pytest.raises(Problem) as told:
        permitted.locked(session, user, case.id, case.version, "dismiss")
    assert told.value.status == 409
