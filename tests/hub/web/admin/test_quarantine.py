"""Quarantine shows what needs a person, and releases it."""

from __future__ import annotations

from models import InboundMessage, Report
from tests.hub.web import seed


def test_quarantine_shows_and_releases(desk, session, officers, notified):
    jd = seed.platforms(session, "jd")["jd"]
    held = seed.report(session, jd, "总是失败的举报", "rumor")
    held.state, held.failures, held.last_error = "QUARANTINED", 5, "ValueError: boom"
    session.add(
        InboundMessage(
            platform_id=jd.id, webhook_id="bad", sha256=b"", raw=b"", headers={},
            key_id=1, receipt="rc",
            status=422, answer={"detail": "This type of message is unknown.",
                                "errors": [{"field": "type", "problem": "'x' is unknown"}]},
        )
    )  # fmt: skip
    session.commit()
    admin = desk("admin")
    admin.get("/quarantine")
    for shown in ("总是失败的举报", "ValueError: boom", "This type of message is unknown", "type"):
        assert shown in admin.text
    assert admin.submit(f"form-release-{held.id}").status_code == 303
    session.expire_all()
    assert session.get_one(Report, held.id).state == "RECEIVED"
    assert notified == ["assess"]
    admin.get("/quarantine")
    assert "没有隔离的举报" in admin.text


def test_empty_pages_say_so(desk):
    admin = desk("admin")
    admin.get("/platforms")
    assert "还没有平台接入" in admin.text
    admin.get("/quarantine")
    for shown in ("没有隔离的举报", "没有被拒收的来文", "没有安全事件"):
        assert shown in admin.text
