"""Engineers see what was sent to their platform, resend it and send a test; nothing of others."""

from __future__ import annotations

import json
import re

from sqlalchemy import select, text

from models import AuditEntry, Delivery


def test_an_engineer_reads_the_body_the_attempts_and_the_answers(desk, both):
    jd = desk("jd-eng")
    assert jd.get("/").location == "/platform"
    jd.get("/platform")
    assert "京东" in jd.text and "1 次，成功 100.0%" in jd.text and "中位 12 毫秒" in jd.text
    jd.get("/platform/deliveries")
    assert f"/platform/deliveries/{both['jd']}" in jd.page
    jd.get(f"/platform/deliveries/{both['jd']}")
    assert "report.updated" in jd.text and "200 · 12 毫秒" in jd.text and "&#34;aud&#34;" in jd.page


def test_nothing_of_another_platform_is_shown_or_moved(desk, both, session):
    jd, theirs = desk("jd-eng"), both["pdd"]
    jd.get("/platform/deliveries")
    assert f"/platform/deliveries/{theirs}" not in jd.page
    assert jd.get(f"/platform/deliveries/{theirs}").status_code == 404
    jd.get(f"/platform/deliveries/{both['jd']}")
    token = re.search(r'name="csrf_token" value="([^"]+)"', jd.page)[1]
    answer = jd.client.post(f"/platform/deliveries/{theirs}/resend", data={"csrf_token": token})
    assert answer.status_code == 404
    session.expire_all()
    assert session.get_one(Delivery, theirs).state == "DELIVERED"


def test_what_arrived_can_be_sent_again_and_stays_arrived(desk, both, session):
    session.execute(text("UPDATE delivery SET delivered_at = now()"))
    session.commit()
    jd = desk("jd-eng")
    jd.get(f"/platform/deliveries/{both['jd']}")
    before = session.get_one(Delivery, both["jd"])
    was = (before.webhook_id, bytes(before.body))
    assert jd.submit("form-resend").status_code == 303
    session.expire_all()
    after = session.get_one(Delivery, both["jd"])
    assert after.state == "PENDING" and after.delivered_at is not None
    assert (after.webhook_id, bytes(after.body)) == was
    assert session.scalar(select(AuditEntry.actor).order_by(AuditEntry.id.desc())) == "jd-eng"


def test_a_test_message_goes_to_the_own_endpoint(desk, both, session):
    jd = desk("jd-eng")
    jd.get("/platform")
    answer = jd.submit("form-test")
    sent = session.scalar(select(Delivery).order_by(Delivery.id.desc()))
    assert answer.location == f"/platform/deliveries/{sent.id}"
    assert json.loads(sent.body)["type"] == "test.ping" and json.loads(sent.body)["aud"] == "jd"
