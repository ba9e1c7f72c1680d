"""Administrators see each platform's health, resume it and resend what is stuck."""

from __future__ import annotations

from sqlalchemy import select

from models import AuditEntry, Delivery, Platform


def test_platforms_show_their_health(desk, ordered):
    admin = desk("admin")
    admin.get("/platforms")
    assert "正常" in admin.text and "暂停：the endpoint answered 410 Gone" in admin.text
    admin.get("/platforms/weidian")
    assert "处置指令" in admin.text and "1 次，最近 410" in admin.text
    assert "&lt;b&gt;gone&lt;/b&gt;" in admin.page
    admin.get("/platforms/weidian?state=DELIVERED")
    assert "没有这样的投递" in admin.text
    assert admin.get("/platforms/nobody").status_code == 404


def test_resume_sends_what_was_blocked(desk, session, ordered, notified):
    admin = desk("admin")
    admin.get("/platforms/weidian")
    assert admin.submit("form-resume").status_code == 303
    session.expire_all()
    assert session.get_one(Delivery, ordered.id).state == "PENDING"
    assert session.scalar(select(Platform.paused_because).where(Platform.slug == "weidian")) is None
    assert notified == ["deliver"]
    assert session.scalar(select(AuditEntry.actor).order_by(AuditEntry.id.desc())) == "admin"


def test_resend_one(desk, session, ordered, notified):
    admin = desk("admin")
    admin.get("/platforms/weidian")
    assert admin.submit(f"form-resend-{ordered.id}").status_code == 303
    session.expire_all()
    assert session.get_one(Delivery, ordered.id).state == "PENDING"
    assert notified == ["deliver"]
    ordered = session.get_one(Delivery, ordered.id)
    ordered.state = "DELIVERED"
    session.commit()
    admin.get("/platforms/weidian")
    assert f"form-resend-{ordered.id}" not in admin.forms


def test_an_auditor_reads_but_has_no_buttons(desk, ordered):
    auditor = desk("auditor")
    for path in ("/platforms", "/platforms/weidian", "/users", "/quarantine", "/audit"):
        assert auditor.get(path).status_code == 200
        assert auditor.forms <= {"form-logout", "form-filter", "form-verify"}
