"""What a platform gets: what it can do, what it may know, what the approver saw; and what
becomes of one that does not act, or joins late."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from hub.jobs import sweep
from hub.problems import Problem
from hub.services.cases import relations
from hub.services.enforcement import approving, composing, escalation, measures, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.platforms import directory, outbox
from models import Case, Decision, Delivery, Order, Platform, Withheld
from tests.hub.services.enforcement.test_appeals import act, now, penalty
from tests.hub.services.enforcement.test_approving import executed

MILD = ["warn", "delist_goods", "suspend_trading"]


def declare(session, slug: str, codes: list[str], kind: str | None = None) -> None:
    platform = session.scalars(select(Platform).where(Platform.slug == slug)).one()
    directory.declare(session, platform.id, codes, kind, datetime.now(UTC))
    session.commit()


def proposal(session) -> Decision:
    session.rollback()
    return session.scalars(select(Decision).where(Decision.state == "PROPOSED")).one()


def withheld(session) -> dict[str, str]:
    query = select(Platform.slug, Withheld.code).join(Platform, Platform.id == Withheld.platform_id)
    return {slug: code for slug, code in session.execute(query)}


# --- the catalogue and what platforms can do -------------------------------------------------


def test_the_catalogue_knows_what_was_in_force_when():
    assert "bar_onboarding" not in measures.in_force(date(2020, 2, 19))
    assert "bar_onboarding" in measures.in_force(date(2020, 2, 20))
    assert measures.version(date(2020, 2, 19)) < measures.version(date(2020, 2, 20))


def test_every_near_measure_is_one():
    for entry in measures.ENTRIES:
        assert set(entry.nearest) <= set(measures.CATALOGUE) - {entry.code}
        assert entry.terms


@pytest.mark.parametrize(
    "picks, terms",
    [(["close_shop@content"], {}), (["close_shop"], {"close_shop": 3}), (["mute_15"], {})],
)
def test_what_does_not_fit_is_refused(picks, terms):
    with pytest.raises(ValueError):
        measures.chosen(["violation"], picks, terms)


def test_a_pick_can_be_for_one_kind_of_platform():
    (picked,) = measures.chosen(["rumor"], ["label_content@content"])
    assert measures.fitted([picked], "commerce", None) == []
    assert len(measures.fitted([picked], "content", None)) == 1


def test_a_platform_declares_by_webhook_and_the_last_word_counts(session, platforms):
    def say(codes: list[str], at: str):
        return platforms["jd"].send("platform.capabilities", {"at": at, "measures": codes})

    assert say(["warn"], "2020-03-02T00:00:00Z").status_code == 202
    assert say(["warn", "close_shop"], "2020-03-01T00:00:00Z").status_code == 202  # came late
    session.rollback()
    jd = session.scalars(select(Platform).where(Platform.slug == "jd")).one()
    assert jd.capabilities == ["warn"]
    refused = say(["teleport"], "2020-03-03T00:00:00Z")
    assert refused.status_code == 422 and "teleport" in json.dumps(refused.json)


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


# --- the preview -----------------------------------------------------------------------------


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


# --- who may know ----------------------------------------------------------------------------


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


def test_a_decision_nobody_would_get_is_not_approved(session, officers, proposed):
    for slug in ("jd", "weidian"):
        declare(session, slug, ["push_debunk"])
    with pytest.raises(Problem, match="没有平台会收到"):
        act(session, approving.approve, officers["zhou"])


# --- newcomers -------------------------------------------------------------------------------


def newcomers_get() -> int:
    """Orders sent by as many rounds of the sweeper as there are platforms."""
    return sum(sweep.sweep()["orders_to_newcomers"] for _ in range(3))


def test_a_new_participant_gets_the_orders_in_force_once(session, officers, approved):
    assert newcomers_get() == 0  # jd and weidian are owed nothing
    directory.register(session, "pdd", "拼多多", "http://127.0.0.1:9/pdd")
    session.commit()
    assert newcomers_get() == 1
    assert newcomers_get() == 0
    body = penalty(session, "pdd").body
    assert body["measures"] == penalty(session, "jd").body["measures"]
    assert body["subject"]["shops"] == []
    act(session, approving.revoke, officers["zhou"], "认定有误")  # and hears of its end
    revoked = session.scalars(select(Order).where(Order.revokes_id.is_not(None)))
    assert {o.platform.slug for o in revoked} == {"jd", "weidian", "pdd"}


def test_a_newcomer_gets_nothing_that_ended_and_a_reason_for_what_lapsed(session, officers, case):
    draft = ProposalTerms(terms={"suspend_shop": 7})
    act(session, proposing.propose, officers["lin"], ["suspend_shop"], "事实", draft)
    act(session, approving.approve, officers["zhou"])
    session.execute(update(Decision).values(approved_at=func.now() - timedelta(days=8)))
    directory.register(session, "pdd", "拼多多", "http://127.0.0.1:9/pdd")
    session.commit()
    assert newcomers_get() == 0
    session.rollback()
    assert withheld(session) == {"pdd": "lapsed"}


def test_a_platform_that_was_away_gets_what_it_missed_when_it_is_back(session, officers, proposed):
    session.execute(update(Platform).where(Platform.slug == "jd").values(active=False))
    session.commit()
    act(session, approving.approve, officers["zhou"])
    assert withheld(session) == {"jd": "inactive"}
    session.execute(
        update(Platform).where(Platform.slug == "jd").values(active=True, caught_up_at=None)
    )
    session.commit()
    assert newcomers_get() == 1
    assert penalty(session, "jd").execution == "NONE"
    assert session.scalars(select(Withheld)).one().ended_at is not None


# --- platforms that do not act ---------------------------------------------------------------


def test_a_silent_platform_is_reminded_then_a_persons_then_public(
    session, officers, platforms, approved
):
    executed(platforms["weidian"], penalty(session, "weidian"))
    session.execute(text("UPDATE \"order\" SET answer_by = now() - interval '1 minute'"))
    session.commit()
    assert sweep.sweep()["orders_reminded"] == 1
    assert sweep.sweep()["orders_reminded"] == 0
    (sent,) = session.scalars(select(Delivery).where(Delivery.type == "order.reminder"))
    assert json.loads(bytes(sent.body))["data"]["order_id"] == penalty(session, "jd").public_id
    assert escalation.queue(session) == []
    session.execute(text("UPDATE \"order\" SET reminded_at = now() - interval '25 hours'"))
    session.commit()
    assert sweep.sweep()["orders_escalated"] == 1
    (line,) = escalation.queue(session)
    escalation.chase(session, officers["lin"], line.order.id, "已电话联系，答复今日执行")
    session.commit()
    shares = {s["platform"]: s for s in escalation.response(session)}
    assert (shares["jd"]["unanswered"], shares["jd"]["share"]) == (1, 0.0)
    executed(platforms["jd"], penalty(session, "jd"))
    session.rollback()
    assert escalation.queue(session) == []
    shares = {s["platform"]: s for s in escalation.response(session)}
    assert shares["jd"]["answered_late"] == 1


def test_what_cannot_be_delivered_is_a_persons_too(session, approved):
    session.execute(text("UPDATE delivery SET state = 'DEAD_LETTER'"))
    assert {line.platform for line in escalation.queue(session)} == {"京东", "微店"}


# --- a rumor and who profits from it ---------------------------------------------------------


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
    approving.approve(session, officers["zhou"], merchant.id, merchant.version)
    session.commit()
    body = penalty(session, "jd").body
    assert body["claim"]["reports"] == ["rumor-1"] and body["subject"]["shops"]
    with pytest.raises(Problem, match="没有关联"):
        relations.unrelate(session, officers["lin"], merchant, 10**6)
