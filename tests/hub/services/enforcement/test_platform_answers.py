"""A platform answers its own orders, and its final answer stands."""

from __future__ import annotations

from sqlalchemy import func, select

from hub.services.audit import audit_log
from models import Appeal, Case
from tests.hub.services.enforcement.steps import AT, executed, orders


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
