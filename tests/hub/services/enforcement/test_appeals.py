"""A merchant appeals through its platform; persons decide, and every platform ends up there."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.enforcement import appeals, approving, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.merchants import deny_list
from hub.services.office import clocks
from models import Appeal, Delivery, DenyEntry, Order
from tests.hub.services.enforcement.steps import AT, act, executed, now, penalty


@pytest.fixture
def appeal(session, platforms, approved) -> Appeal:
    """jd executed the penalty, weidian has not answered; jd's merchant appeals."""
    executed(platforms["jd"], penalty(session, "jd"))
    data = {"order_id": penalty(session, "jd").public_id, "appeal_id": "A1", "at": AT,
            "reason": "进货价上涨"}  # fmt: skip
    assert platforms["jd"].send("appeal.filed", data).status_code == 202
    session.rollback()
    return session.scalars(select(Appeal)).one()


def revocations(session) -> dict[str, Order]:
    session.rollback()
    query = select(Order).where(Order.revokes_id.is_not(None)).order_by(Order.id)
    return {o.platform.slug: o for o in session.scalars(query)}


def told(session, slug: str) -> list[str]:
    """The states of appeal.updated that a platform was told."""
    import json

    query = select(Delivery).where(Delivery.type == "appeal.updated").order_by(Delivery.id)
    bodies = [json.loads(bytes(d.body)) for d in session.scalars(query)]
    return [b["data"]["state"] for b in bodies if b["aud"] == slug]


def test_a_stay_takes_the_penalty_back_everywhere_for_the_time_being(
    session, officers, platforms, appeal
):
    act(session, appeals.stay, officers["zhou"], appeal.id, "先核实进货凭证")
    undone = revocations(session)
    assert {slug: o.body["because"] for slug, o in undone.items()} == {
        "jd": "stayed", "weidian": "stayed",
    }  # fmt: skip
    assert now(session).state == "STAYED"
    assert session.scalars(select(DenyEntry)).one().ended_at is not None
    for slug, order in undone.items():
        assert executed(platforms[slug], order).status_code == 202
    assert penalty(session, "jd").execution == "REVERSED"
    assert penalty(session, "weidian").execution == "CANCELLED"


def test_upholding_after_a_stay_orders_the_same_anew(session, officers, platforms, appeal):
    act(session, appeals.stay, officers["zhou"], appeal.id, "核实")
    act(session, appeals.uphold, officers["zhou"], appeal.id, "凭证不实")
    again = penalty(session, "jd", version=2)
    assert again.body["measures"] == penalty(session, "jd").body["measures"]
    assert again.body["supersedes"] == penalty(session, "jd").public_id
    assert now(session).state == "ORDERED"
    assert session.get(Appeal, appeal.id).state == "UPHELD"
    assert told(session, "jd") == ["stayed", "upheld"] and told(session, "weidian") == []
    in_force = [e for e in session.scalars(select(DenyEntry)) if e.ended_at is None]
    assert [e.decision_id for e in in_force] == [again.decision_id]


def test_upholding_without_a_stay_orders_nothing(session, officers, appeal):
    act(session, appeals.uphold, officers["zhou"], appeal.id, "维持")
    assert len(session.scalars(select(Order)).all()) == 2
    assert session.get(Appeal, appeal.id).state == "UPHELD"
    assert session.scalars(select(DenyEntry)).one().appeal_state == "UPHELD"


def test_modifying_takes_two_and_supersedes_every_order(session, officers, platforms, appeal):
    draft = ProposalTerms(appeal_id=appeal.id, terms={"suspend_shop": 7})
    act(session, proposing.propose, officers["lin"], ["suspend_shop"], "情节较轻", draft)
    assert now(session).state == "UNDER_REVIEW"
    assert session.get(Appeal, appeal.id).state == "FILED"
    with pytest.raises(Problem, match="four_eyes"):
        act(session, approving.approve, officers["lin"])
    act(session, approving.approve, officers["zhou"])
    new = penalty(session, "jd", version=2)
    assert [(m["code"], m["term_days"]) for m in new.body["measures"]] == [("suspend_shop", 7)]
    assert new.body["supersedes"] == penalty(session, "jd").public_id
    assert session.get(Appeal, appeal.id).state == "MODIFIED"
    assert told(session, "jd") == ["modified"]
    executed(platforms["jd"], new)
    assert penalty(session, "jd").execution == "REVERSED"  # the shop is no longer closed
    executed(platforms["weidian"], penalty(session, "weidian", version=2))
    assert penalty(session, "weidian").execution == "CANCELLED"
    assert now(session).state == "EXECUTED"
    assert all(e.ended_at for e in session.scalars(select(DenyEntry)))


def test_a_late_answer_to_a_superseded_order_does_not_end_the_case(
    session, officers, platforms, appeal
):
    act(session, proposing.propose, officers["lin"], ["warn"], "情节较轻")
    act(session, approving.approve, officers["zhou"])
    executed(platforms["weidian"], penalty(session, "weidian"))
    assert now(session).state == "ORDERED"


def test_overturning_takes_two_reaches_all_and_starts_the_clock(
    session, officers, platforms, appeal
):
    clocks.end(session, now(session).id, ["publish"], "done")  # the penalty was published
    session.commit()
    act(session, proposing.overturn, officers["lin"], "进货凭证属实", appeal.id)
    assert revocations(session) == {}
    act(session, approving.approve, officers["zhou"])
    undone = revocations(session)
    assert {slug: o.body["because"] for slug, o in undone.items()} == {
        "jd": "overturned", "weidian": "overturned",
    }  # fmt: skip
    for slug, order in undone.items():
        executed(platforms[slug], order)
    assert [penalty(session, s).execution for s in ("jd", "weidian")] == ["REVERSED", "CANCELLED"]
    assert now(session).state == "REVOKED"
    assert session.get(Appeal, appeal.id).state == "OVERTURNED"
    (clock,) = [c for c in clocks.read(session, now(session).id) if c.rule.code == "withdraw"]
    assert clock.running and clock.rule.days == 3


def test_a_stayed_penalty_that_is_overturned_stays_reversed(session, officers, platforms, appeal):
    act(session, appeals.stay, officers["zhou"], appeal.id, "核实")
    for slug, order in revocations(session).items():
        executed(platforms[slug], order)
    act(session, proposing.overturn, officers["lin"], "凭证属实", appeal.id)
    act(session, approving.approve, officers["zhou"])
    for slug, order in revocations(session).items():
        executed(platforms[slug], order)
    assert penalty(session, "jd").execution == "REVERSED"


def test_a_refused_change_leaves_the_decision_in_force(session, officers, appeal):
    draft = ProposalTerms(appeal_id=appeal.id)
    act(session, proposing.propose, officers["lin"], ["warn"], "情节较轻", draft)
    act(session, proposing.reject, officers["zhou"], "不同意")
    assert now(session).state == "PARTLY_EXECUTED"
    assert session.get(Appeal, appeal.id, populate_existing=True).outcome_id is None
    assert penalty(session, "jd").execution == "EXECUTED"


@pytest.mark.parametrize("verb", [appeals.stay, appeals.uphold])
def test_the_proposer_does_not_judge_the_appeal(session, officers, appeal, verb):
    with pytest.raises(Problem, match="four_eyes"):
        act(session, verb, officers["lin"], appeal.id, "理由")


def test_a_decided_appeal_is_not_decided_again(session, officers, appeal):
    act(session, appeals.uphold, officers["zhou"], appeal.id, "维持")
    with pytest.raises(Problem, match="conflict"):
        act(session, appeals.stay, officers["zhou"], appeal.id, "理由")


def test_a_platform_left_out_of_the_change_hears_that_its_order_ended(session, officers, appeal):
    draft = ProposalTerms(sharing="named", platforms=["jd"])
    act(session, proposing.propose, officers["lin"], ["warn"], "仅京东", draft)
    act(session, approving.approve, officers["zhou"])
    assert {s: o.body["because"] for s, o in revocations(session).items()} == {
        "weidian": "superseded"
    }


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE decision SET approved_by_id = proposed_by_id",
        "UPDATE decision SET approved_by_id = NULL",
        "UPDATE decision SET state = 'APPROVED', approved_by_id = NULL",
        "UPDATE appeal SET state = 'OVERTURNED'",
        "INSERT INTO decision (case_id, version, state, measures, facts, proposed_by_id, "
        "approved_by_id) SELECT case_id, 9, 'APPROVED', '[]', '', proposed_by_id, "
        "approved_by_id FROM decision",
    ],
)
def test_raw_sql_decides_nothing_alone(session, appeal, sql):
    with pytest.raises(IntegrityError):
        session.execute(text(sql))


def test_raw_sql_orders_nothing_that_was_not_approved(session, officers, proposed):
    order = (
        'INSERT INTO "order" (public_id, decision_id, platform_id, seq, body, answer_by) '
        "SELECT 'od_x', d.id, p.id, 99, '{}', now() FROM decision d, platform p LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="approved by another person"):
        session.execute(text(order))


def test_the_deny_list_has_a_version_for_every_change(session, officers, platforms, appeal):
    entry = session.scalars(select(DenyEntry)).one()
    assert (entry.appeal_state, entry.expires_at) == ("FILED", None)
    before = deny_list.version(session)
    act(session, approving.revoke, officers["zhou"], "认定有误")
    session.refresh(entry)
    assert entry.ended_at and entry.version == deny_list.version(session) == before + 1
    assert audit_log.verify(session)[1] is None
