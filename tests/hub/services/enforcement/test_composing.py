"""What each platform gets is composed once, for the preview and for the order alike."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from hub.problems import Problem
from hub.services.cases import relations
from hub.services.enforcement import approving, composing, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.platforms import outbox
from models import Case, Decision, Delivery, Order
from tests.hub.services.enforcement.steps import act, declare, now, penalty, withheld

MILD = ["warn", "delist_goods", "suspend_trading"]


def proposal(session) -> Decision:
    session.rollback()
    return session.scalars(select(Decision).where(Decision.state == "PROPOSED")).one()


def test_the_order_carries_the_nearest_measure_a_platform_can_do(session, officers, proposed):
    declare(session, "jd", MILD)
    seen = composing.preview(session, now(session), proposal(session))
    (jd,) = [a for a in seen.asked if a.platform.slug == "jd"]
    assert [(f.wanted["code"], f.done and f.done["code"]) for f in jd.changed] == [
        ("close_shop", "suspend_trading"), ("bar_onboarding", None),
    ]  # fmt: skip
    act(session, approving.approve, officers["zhou"], seen.seal)
    (measure,) = penalty(session, "jd").body["measures"]
    assert (measure["code"], measure["instead_of"]) == ("suspend_trading", "close_shop")
    codes = [m["code"] for m in penalty(session, "weidian").body["measures"]]
    assert codes == ["close_shop", "bar_onboarding"]


def test_the_preview_is_what_is_sent_but_for_ids_and_times(session, officers, proposed):
    declare(session, "jd", MILD)
    seen = composing.preview(session, now(session), proposal(session))
    act(session, approving.approve, officers["zhou"], seen.seal)
    sent = session.scalars(select(Delivery).where(Delivery.type == "order.issued")).all()
    assert len(sent) == 2
    for delivery in sent:
        envelope = json.loads(bytes(delivery.body))
        (asked,) = [a for a in seen.asked if a.platform.slug == envelope["aud"]]
        for name in ("order_id", "answer_by", "not_before", "expires_at"):
            asked.body[name] = envelope["data"][name]
        again = outbox.message(envelope["aud"], "order.issued", envelope["seq"], asked.body)
        cut = b'"iss"'  # after the timestamp
        assert again.partition(cut)[2] == bytes(delivery.body).partition(cut)[2]


def test_what_changed_since_the_preview_is_not_approved(session, officers, proposed):
    seal = composing.preview(session, now(session), proposal(session)).seal
    declare(session, "jd", MILD)
    with pytest.raises(Problem, match="已有变化"):
        act(session, approving.approve, officers["zhou"], seal)
    assert session.scalar(select(func.count(Order.id))) == 0


@pytest.mark.parametrize(
    "draft, got",
    [
        (ProposalTerms(sharing="named", platforms=["jd"]), {"jd"}),
        (ProposalTerms(sharing="own"), {"jd"}),
        (ProposalTerms(sharing="departments"), {"jd", "weidian"}),
        (ProposalTerms(sharing="public"), {"jd", "weidian"}),
    ],
)
def test_sharing_levels_and_the_reason_of_every_silence(session, officers, case, draft, got):
    case.spread = {"jd": 1}
    session.commit()
    act(session, proposing.propose, officers["lin"], ["warn"], "事实", draft)
    act(session, approving.approve, officers["zhou"])
    ordered = {o.platform.slug for o in session.scalars(select(Order))}
    assert ordered == got
    assert withheld(session) == {s: "sharing" for s in {"jd", "weidian"} - got}


def test_a_related_rumor_is_named_in_the_merchants_order(session, officers, platforms, case):
    from hub.jobs import assess

    platforms["jd"].report("rumor-1", "听说口罩厂全部停产，三天后全国断货，赶紧囤货")
    assess.drain()
    session.rollback()
    rumor = session.scalars(select(Case).where(Case.kind == "rumor")).one()
    merchant = session.scalars(select(Case).where(Case.kind == "violation")).one()
    relations.relate(session, officers["lin"], merchant, rumor.id, "借谣言涨价")
    session.commit()
    for one, other in ((rumor, merchant), (merchant, rumor)):
        assert [c.id for c, _ in relations.related(session, one)] == [other.id]
    session.refresh(merchant)
    picks = ["close_shop", "push_debunk"]
    proposing.propose(session, officers["lin"], merchant.id, merchant.version, picks, "事实")
    session.commit()
    approving.approve(session, officers["zhou"], merchant.id, merchant.version)
    session.commit()
    body = penalty(session, "jd").body
    assert body["claim"]["reports"] == ["rumor-1"] and body["subject"]["shops"]
    with pytest.raises(Problem, match="没有关联"):
        relations.unrelate(session, officers["lin"], merchant, 10**6)
