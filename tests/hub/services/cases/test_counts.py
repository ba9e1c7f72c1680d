"""A merchant's reports are kept apart by type of violation: as their words show it, else as the
reporter named it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.jobs import assess
from hub.services.review import labels
from models import Case, CaseType, TypeSource

SHOP = {"shop_id": "jd-1", "shop_name": "康宁小铺"}
PLAIN = "买回来用了两天就散架了，客服一直不回话。"
SHOWN = "口罩昨天还是二十块一盒，今天直接变二百。"


@pytest.fixture
def told(jd, session):
    """`told(id, text, reason)`: a report of the one shop comes in; the case it went to."""

    def told(report_id: str, text: str, reason: str | None) -> Case:
        more = {"reason": reason} if reason else {}
        jd.report(report_id, text, kind="violation", subject=SHOP, **more)
        assess.drain()
        session.rollback()
        session.expire_all()
        return session.scalars(select(Case).order_by(Case.last_report_at.desc())).first()

    return told


def test_the_reason_names_the_type_where_the_words_show_none(told):
    case = told("1", PLAIN, "假冒伪劣")
    assert case.violation_type == CaseType("counterfeit", TypeSource.REPORTER)
    assert told("2", "质量太差了，和图上完全两样。", "售假").id == case.id


def test_what_the_words_show_goes_before_the_reason(told):
    case = told("1", SHOWN, "假冒伪劣")
    told = case.violation_type
    assert (told.code, told.source) == ("price_gouging", TypeSource.RULE) and told.score


def test_a_reason_that_names_nothing_leaves_the_type_open(told):
    case = told("1", PLAIN, "其他")
    assert case.violation_type == CaseType("unspecified")
    assert told("2", "质量太差了，和图上完全两样。", "售假").id != case.id


def test_words_that_show_it_later_lead_the_case(told):
    case = told("1", "店家态度恶劣，说爱买不买。", "哄抬价格")
    assert case.violation_type.source == "reporter" and not case.assessment["violations"]
    later = told("2", SHOWN, "其他")
    assert later.id == case.id and later.demand == 2
    assert later.violation_type.source == "rule" and later.title == SHOWN
    assert later.assessment["violations"]


def test_a_reason_is_not_taken_for_the_machines_word(told):
    """What a decision teaches is compared with what rules and models said: nothing."""
    assert labels.machine_verdict(told("1", PLAIN, "假冒伪劣").assessment, "violation").value == ""


def test_without_a_merchant_another_report_of_the_claim_takes_nothing_from_the_type(jd, session):
    for number, reason in enumerate(["假冒伪劣", "其他", None]):
        more = {"reason": reason} if reason else {}
        jd.report(str(number), PLAIN, kind="violation", **more)
        assess.drain()
    session.rollback()
    case = session.scalars(select(Case)).one()
    assert case.demand == 3
    assert case.violation_type == CaseType("counterfeit", TypeSource.REPORTER)
