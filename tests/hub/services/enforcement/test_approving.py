"""Decided by two, ordered everywhere at once, answered by each platform for itself."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from hub.database import session_scope
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.enforcement import approving, measures, proposing
from hub.web.platforms import schemas
from models import Appeal, AuditEntry, Case, Decision, Delivery, Order

AT = "2020-02-21T10:00:00+08:00"


def orders(session) -> dict[str, Order]:
    session.rollback()
    return {o.platform.slug: o for o in session.scalars(select(Order).order_by(Order.id))}


def test_one_order_and_one_delivery_for_every_platform(session, approved):
    found = orders(session)
    assert set(found) == {"jd", "weidian"}
    sent = session.scalars(select(Delivery).where(Delivery.order_id.is_not(None))).all()
    assert {d.order_id for d in sent} == {o.id for o in found.values()}
    assert session.get(Case, approved.id).state == "ORDERED"


def test_an_order_names_the_platforms_own_shops_only(session, approved):
    for slug, order in orders(session).items():
        assert [s["shop_id"] for s in order.body["subject"]["shops"]] == [f"{slug}-shop"]


def test_what_is_sent_keeps_to_the_contract(session, approved):
    for delivery in session.scalars(select(Delivery)):
        body = json.loads(bytes(delivery.body))
        schemas.OUTBOUND[body["type"]].model_validate_json(json.dumps(body["data"]))
        assert set(body) == {"type", "timestamp", "iss", "aud", "seq", "data"}
        assert body["type"] == delivery.type


def test_nobody_approves_their_own_proposal(session, officers, proposed):
    with pytest.raises(Problem) as refused:
        approving.approve(session, officers["lin"], proposed.id, proposed.version)
    assert (refused.value.status, refused.value.code) == (403, "four_eyes")


def test_the_database_refuses_it_too(session, officers, proposed):
    session.rollback()
    decision = session.scalars(select(Decision)).one()
    decision.approved_by_id = decision.proposed_by_id
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


def test_of_approvers_racing_one_wins_and_one_hears_of_it(session, officers, proposed):
    results: list[str] = []
    barrier = threading.Barrier(2)

    def approve(who: str) -> None:
        barrier.wait()
        try:
            with session_scope() as s:
                approving.approve(s, officers[who], proposed.id, proposed.version)
            results.append("won")
        except Problem as problem:
            results.append(f"{problem.status} {problem.detail}")

    threads = [threading.Thread(target=approve, args=(who,)) for who in ("zhou", "wu")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(results)[1] == "won"
    assert sorted(results)[0].startswith("409") and "批准" in sorted(results)[0]
    assert len(orders(session)) == 2


def test_measures_must_fit_and_facts_be_written(session, officers, case):
    def propose(codes, facts):
        with pytest.raises(Problem) as refused:
            proposing.propose(session, officers["lin"], case.id, case.version, codes, facts)
        return refused.value.status, refused.value.errors[0].field

    assert propose([], "事实") == (422, "measures")
    assert propose(["mute_30"], "事实") == (422, "measures")
    assert propose(["fly_to_the_moon"], "事实") == (422, "measures")
    assert propose(["close_shop"], " ") == (422, "facts")


def test_a_platform_acknowledges_and_executes(session, platforms, approved):
    order = orders(session)["jd"]
    answer = platforms["jd"].send("order.acknowledged", {"order_id": order.public_id, "at": AT})
    assert answer.status_code == 202 and answer.json["status"] == "taken"
    assert orders(session)["jd"].execution == "ACKNOWLEDGED"
    assert executed(platforms["jd"], order).status_code == 202
    assert orders(session)["jd"].execution == "EXECUTED"
    assert session.get(Case, approved.id).state == "PARTLY_EXECUTED"
    executed(platforms["weidian"], orders(session)["weidian"], "absent")
    assert orders(session)["weidian"].execution == "ABSENT"
    assert session.get(Case, approved.id).state == "EXECUTED"


def test_only_the_addressed_platform_can_answer(session, platforms, approved):
    answer = executed(platforms["weidian"], orders(session)["jd"])
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_order")
    assert orders(session)["jd"].execution == "NONE"


def test_a_final_answer_stands(session, platforms, approved):
    order = orders(session)["jd"]
    assert executed(platforms["jd"], order).status_code == 202
    assert executed(platforms["jd"], order).status_code == 202  # said twice: still once
    refusal = {"order_id": order.public_id, "at": AT, "reason": "不执行"}
    answer = platforms["jd"].send("order.refused", refusal)
    assert (answer.status_code, answer.json["code"]) == (409, "already_answered")
    late = platforms["jd"].send("order.acknowledged", {"order_id": order.public_id, "at": AT})
    assert late.status_code == 202
    assert orders(session)["jd"].execution == "EXECUTED"


def test_a_refusal_keeps_its_reason(session, platforms, approved):
    order = orders(session)["jd"]
    data = {"order_id": order.public_id, "at": AT, "reason": "主体与指令不符"}
    assert platforms["jd"].send("order.refused", data).status_code == 202
    assert orders(session)["jd"].answer["reason"] == "主体与指令不符"


def test_an_answer_without_a_reason_is_refused_by_field(session, platforms, approved):
    data = {"order_id": orders(session)["jd"].public_id, "at": AT, "reason": " "}
    answer = platforms["jd"].send("order.refused", data)
    assert answer.json["errors"][0]["field"] == "data.reason"


def test_revoking_reaches_every_platform_with_a_higher_seq(session, officers, platforms, approved):
    penalties = orders(session)
    executed(platforms["jd"], penalties["jd"])
    session.rollback()
    approving.revoke(session, officers["zhou"], approved.id, approved.version, "申诉成立")
    session.commit()
    revocations = {
        o.platform.slug: o
        for o in session.scalars(select(Order).where(Order.revokes_id.is_not(None)))
    }
    assert set(revocations) == {"jd", "weidian"}
    for slug, order in revocations.items():
        assert order.seq > penalties[slug].seq
        assert executed(platforms[slug], order).status_code == 202
    session.rollback()
    ended = {
        o.platform.slug: o.execution
        for o in session.scalars(select(Order).where(Order.revokes_id.is_(None)))
    }
    assert ended == {"jd": "REVERSED", "weidian": "CANCELLED"}


def test_the_proposer_cannot_revoke_alone(session, officers, approved):
    with pytest.raises(Problem, match="four_eyes"):
        approving.revoke(session, officers["lin"], approved.id, approved.version, "改主意")


def test_an_appeal_is_kept_once_with_its_case(session, platforms, approved):
    data = {
        "order_id": orders(session)["jd"].public_id,
        "appeal_id": "A1",
        "at": AT,
        "reason": "进货价上涨",
    }
    for _ in range(2):
        assert platforms["jd"].send("appeal.filed", data).status_code == 202
    assert session.scalar(select(func.count()).select_from(Appeal)) == 1
    last = audit_log.last(session, approved.id)
    assert (last.action, last.actor) == ("appeal", "平台:jd")


def test_a_rejected_proposal_can_be_made_again(session, officers, proposed):
    proposing.reject(session, officers["zhou"], proposed.id, proposed.version, "证据不足")
    proposing.propose(
        session, officers["lin"], proposed.id, proposed.version, ["warn"], "补充证据后"
    )
    versions = session.scalars(select(Decision.version).order_by(Decision.version)).all()
    assert versions == [1, 2]


def test_the_merchants_next_offence_is_a_new_case(session, platforms, approved):
    from hub.jobs import assess

    platforms["jd"].report(
        "again",
        "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格",
        kind="violation",
        subject={"shop_id": "jd-shop"},
    )
    assess.drain()
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_every_step_is_in_the_audit_log_and_the_chain_holds(session, platforms, approved):
    executed(platforms["jd"], orders(session)["jd"])
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["propose", "approve", "executed"]
    assert audit_log.verify(session) == (3, None)


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit_entry SET actor = 'someone' WHERE id = 1",
        "UPDATE audit_entry SET detail = '{}' WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_an_altered_audit_log_is_found(session, approved, tamper):
    session.execute(text(tamper))
    session.commit()
    assert audit_log.verify(session)[1] is not None


def test_the_usual_measures_fit_their_kind():
    for kind in ("rumor", "violation"):
        assert measures.chosen([kind], list(measures.usual(kind)))


def executed(sender, order: Order, result: str = "executed"):
    data = {"order_id": order.public_id, "result": result, "at": AT, "done": []}
    return sender.send("order.executed", data)
