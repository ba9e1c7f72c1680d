"""An officer's word on what a case is about."""

from __future__ import annotations

import pytest

from hub.problems import Problem
from hub.services.cases.classification import classify
from models import CaseType, User
from models.case_type import TypeSource
from tests.hub.web import seed


@pytest.fixture
def user(session) -> User:
    made = User(username="lin", name="lin", role="handler", password_hash="-")
    session.add(made)
    session.flush()
    return made


def test_an_officers_word_stands_on_the_case_as_such(session, user):
    case = seed.merchant_case(session, [("五十一只", [])], None)
    seen = case.version
    classify(session, user, case.id, seen, {"violation": "counterfeit", "theme": ""})
    assert case.violation_type == CaseType("counterfeit", TypeSource.OFFICER)
    assert case.version == seen + 1


def test_a_type_that_the_merchant_has_a_live_case_of_is_refused_by_its_number(session, user):
    case = seed.merchant_case(session, [("五十一只", [])], None)
    other = seed.merchant_case(session, [("假口罩", [])], None)
    other.merchant_id = case.merchant_id
    other.violation_type = CaseType("counterfeit", TypeSource.MODEL, 0.9)
    session.flush()
    with pytest.raises(Problem, match=f"C{other.id}"):
        classify(session, user, case.id, case.version, {"violation": "counterfeit"})


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        ("rumor", {}, "至少选择一项"),
        ("rumor", {"theme": ""}, "至少选择一项"),
        ("rumor", {"theme": "astronomy"}, "不在目录中"),
        ("rumor", {"violation": "fraud"}, "没有违法类型"),
        ("violation", {"rumor": "谣言"}, "查证结论|不在目录"),
    ],
)
def test_what_does_not_fit_the_case_is_refused(session, user, kind, said, why):
    made = seed.rumor_case if kind == "rumor" else seed.merchant_case
    case = made(session, [("某事", [])], *([] if kind == "rumor" else [None]))
    with pytest.raises(Problem, match=why):
        classify(session, user, case.id, case.version, said)
