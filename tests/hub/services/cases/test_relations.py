"""A rumor and the merchant who profits from it are one matter, and each keeps its own."""

from __future__ import annotations

import pytest

from hub.problems import Problem
from hub.services.cases import relations
from models import User
from tests.hub.web import seed


@pytest.fixture
def user(session) -> User:
    made = User(username="lin", name="lin", role="handler", password_hash="-")
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def rumor(session):
    return seed.rumor_case(session, [("口罩断货", [])])


@pytest.fixture
def merchant(session):
    return seed.merchant_case(session, [("五十一只", [])], None)


def test_related_cases_may_order_measures_of_both_kinds_until_they_are_parted(
    session, user, rumor, merchant
):
    assert relations.kinds(session, rumor) == ["rumor"]
    assert relations.relate(session, user, merchant, rumor.id, " 同一批口罩 ") is rumor
    assert relations.counterpart(session, rumor) is merchant
    assert relations.related(session, merchant) == [(rumor, "同一批口罩")]
    assert relations.kinds(session, merchant) == ["rumor", "violation"]
    relations.unrelate(session, user, rumor, merchant.id)
    session.flush()
    assert relations.counterpart(session, merchant) is None
    with pytest.raises(Problem, match="没有关联"):
        relations.unrelate(session, user, rumor, merchant.id)
    relations.relate(session, user, rumor, merchant.id, "还是同一批")  # and again
    assert relations.related(session, rumor) == [(merchant, "还是同一批")]


def test_two_of_a_kind_are_merged_instead_and_a_reason_is_needed(session, user, rumor, merchant):
    other = seed.rumor_case(session, [("停水三天", [])])
    with pytest.raises(Problem, match="请并案"):
        relations.relate(session, user, rumor, other.id, "像")
    with pytest.raises(Problem, match="理由"):
        relations.relate(session, user, rumor, merchant.id, " ")
    with pytest.raises(Problem) as refused:
        relations.relate(session, user, rumor, 999, "像")
    assert refused.value.status == 404
