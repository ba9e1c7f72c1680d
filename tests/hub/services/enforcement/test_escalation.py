"""A silent platform is reminded, then a person takes it up, then the public knows."""

from __future__ import annotations

import json

from sqlalchemy import select, text

from hub.jobs import sweep
from hub.services.enforcement import escalation
from models import Delivery
from tests.hub.services.enforcement.steps import executed, penalty


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
