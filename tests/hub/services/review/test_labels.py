"""Every decision is a label, and an officer's word outweighs what a decision implies."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.problems import Problem
from hub.services.cases import actions, classification
from hub.services.enforcement import approving, proposing
from hub.services.review import labels
from models import AuditEntry, Case, Label
from tests.hub.web import seed


@pytest.fixture
def rumor(session, officers) -> Case:
    platform = seed.platforms(session, "jd")["jd"]
    made = seed.rumor_case(
        session, [("口罩三天后全国断货，工厂都被征用了，赶紧多囤几箱", [platform])]
    )
    session.commit()
    return made


def kept(session) -> list[tuple]:
    rows = session.scalars(select(Label).order_by(Label.id))
    return [(n.task, n.value, n.said, n.via) for n in rows]


def test_an_approved_penalty_confirms_the_type(approved, session):
    (label,) = session.scalars(select(Label)).all()
    assert (label.task, label.via) == ("violation", "approve")
    assert label.value == label.said == approved.violation
    assert label.model.startswith(("rule:", "model:")) and label.score


def test_a_dismissed_rumor_was_none(rumor, officers, session):
    actions.dismiss(session, officers["lin"], rumor.id, rumor.version, "查无此事")
    assert kept(session) == [("rumor", "not_rumor", "", "dismiss")]  # the machine had abstained


def test_a_dismissed_merchant_did_nothing_wrong(case, officers, session):
    said = case.violation
    actions.dismiss(session, officers["lin"], case.id, case.version, "证据不足")
    assert kept(session) == [("violation", labels.NO_VIOLATION, said, "dismiss")]


def test_a_correction_shows_on_the_case_and_outweighs_the_later_approval(case, officers, session):
    said = case.violation
    lin, zhou = officers["lin"], officers["zhou"]
    classification.classify(session, lin, case.id, case.version, {"violation": "unlicensed"})
    assert case.violation == "unlicensed"
    proposing.propose(session, lin, case.id, case.version, ["close_shop"], "事实")
    session.commit()
    approving.approve(session, zhou, case.id, case.version)
    assert kept(session) == [("violation", "unlicensed", said, "classify")]
    session.commit()
    assert "classify" in session.scalars(select(AuditEntry.action)).all()


def test_a_rumor_gets_a_verdict_and_a_theme(rumor, officers, session):
    words = {"rumor": "部分属实", "theme": "finance", "violation": ""}
    classification.classify(session, officers["lin"], rumor.id, rumor.version, words)
    assert rumor.theme == "finance"
    assert sorted(kept(session)) == [
        ("rumor", "unclear", "", "classify"),
        ("theme", "finance", "health", "classify"),
    ]


@pytest.mark.parametrize(
    "words", [{}, {"theme": "gossip"}, {"violation": "price_gouging"}, {"rumor": "maybe"}]
)
def test_what_cannot_be_said_is_refused(rumor, officers, session, words):
    with pytest.raises(Problem) as refused:
        classification.classify(session, officers["lin"], rumor.id, rumor.version, words)
    assert refused.value.status == 422 and kept(session) == []


def test_a_merchant_has_one_live_case_of_a_type(case, officers, session):
    other = Case(
        kind="violation", title="另案", merchant_id=case.merchant_id, violation="unlicensed",
        assessment={}, live=True, spread={}, demand=0,
    )  # fmt: skip
    session.add(other)
    session.flush()
    with pytest.raises(Problem, match=f"C{other.id}"):
        classification.classify(
            session, officers["lin"], case.id, case.version, {"violation": "unlicensed"}
        )
