"""Platforms, people, quarantine and the log."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from hub import bell
from hub.services.enforcement import approving, proposing
from models import Attempt, AuditEntry, Case, Delivery, InboundMessage, Platform, Report, User
from tests.hub.web import seed


@pytest.fixture
def rung(monkeypatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(bell, "ring", lambda name: heard.append(name) or True)
    return heard


@pytest.fixture
def ordered(session, officers):
    """One decision on its way to two platforms; one of them is gone."""
    p = seed.platforms(session, "jd", "weidian")
    case = seed.merchant_case(session, [("口罩从2元涨到15元", [p["jd"]])], None)
    proposing.propose(session, officers["handler"], case.id, 1, ["close_shop"], "事实")
    session.commit()
    approving.approve(session, officers["approver"], case.id, 2)
    session.flush()
    stuck = session.scalar(select(Delivery).where(Delivery.platform_id == p["weidian"].id))
    stuck.state, stuck.attempts = "BLOCKED", 1
    p["weidian"].paused_because = "the endpoint answered 410 Gone"
    session.add(
        Attempt(delivery_id=stuck.id, number=1, status=410, reply="<b>gone</b>", milliseconds=12)
    )
    session.commit()
    return stuck


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


def test_resume_sends_what_was_blocked(desk, session, ordered, rung):
    admin = desk("admin")
    admin.get("/platforms/weidian")
    assert admin.submit("form-resume").status_code == 303
    session.expire_all()
    assert session.get_one(Delivery, ordered.id).state == "PENDING"
    assert session.scalar(select(Platform.paused_because).where(Platform.slug == "weidian")) is None
    assert rung == ["deliver"]
    assert session.scalar(select(AuditEntry.actor).order_by(AuditEntry.id.desc())) == "admin"


def test_resend_one(desk, session, ordered, rung):
    admin = desk("admin")
    admin.get("/platforms/weidian")
    assert admin.submit(f"form-resend-{ordered.id}").status_code == 303
    session.expire_all()
    assert session.get_one(Delivery, ordered.id).state == "PENDING"
    assert rung == ["deliver"]
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


def test_create_and_deactivate_an_officer(app, desk, session):
    from tests.hub.web.conftest import Desk

    admin = desk("admin")
    admin.get("/users")
    new = {"username": "zhang", "name": "张三", "role": "clerk", "password": "a long password"}
    assert admin.submit("form-user", **new).status_code == 303
    zhang = Desk(app.test_client(), "zhang")
    assert zhang.login("a long password").status_code == 303
    user = session.scalar(select(User).where(User.username == "zhang"))
    admin.get("/users")
    assert "张三" in admin.text
    admin.submit(f"form-deactivate-{user.id}")
    assert zhang.get("/queue").status_code == 302
    admin.get("/users")
    admin.submit(f"form-activate-{user.id}")
    assert zhang.login("a long password").status_code == 303
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == "admin")).all()
    assert actions == ["login", "user_created", "user_deactivated", "user_activated"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "clerk"}, "用户名已被使用"),
        ({"username": " "}, "请填写用户名"),
        ({"role": "emperor"}, "请选择角色"),
        ({"password": "short"}, "密码至少 10 位"),
    ],
)
def test_a_bad_account_is_refused_and_what_was_typed_is_kept(desk, change, said):
    admin = desk("admin")
    admin.get("/users")
    new = {"username": "li", "name": "李四", "role": "clerk", "password": "a long password"}
    assert admin.submit("form-user", **(new | change)).status_code == 422
    assert said in admin.text and 'value="李四"' in admin.page
    assert "a long password" not in admin.page


def test_an_admin_cannot_lock_himself_out(desk, session, officers):
    admin = desk("admin")
    admin.get("/users")
    own = officers["admin"].id
    assert f"form-deactivate-{own}" not in admin.forms
    token = admin.page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = admin.client.post(f"/users/{own}/deactivate", data={"csrf_token": token})
    assert answer.status_code == 409
    assert session.scalar(select(User.active).where(User.id == own))


def test_quarantine_shows_and_releases(desk, session, officers, rung):
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
    assert rung == ["assess"]
    admin.get("/quarantine")
    assert "没有隔离的举报" in admin.text


def test_the_log_tells_whether_it_holds(desk, session, ordered):
    auditor = desk("auditor")
    auditor.get("/audit")
    assert "未发现改动" in auditor.text
    auditor.get("/audit?case=C1&actor=approver")
    assert "批准" in auditor.text and "提出处理建议" not in auditor.text
    auditor.get("/audit?case=C77")
    assert "没有符合条件的记录" in auditor.text
    first = session.scalar(select(AuditEntry.id).order_by(AuditEntry.id))
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = :i"), {"i": first})
    session.commit()
    auditor.get("/audit")
    assert f"第 {first} 号记录被改动" in auditor.text


def test_empty_pages_say_so(desk):
    admin = desk("admin")
    admin.get("/platforms")
    assert "还没有平台接入" in admin.text
    admin.get("/quarantine")
    for shown in ("没有隔离的举报", "没有被拒收的来文", "没有安全事件"):
        assert shown in admin.text


def test_who_sees_a_case_is_written_down_before_it_is_shown(desk, session, ordered):
    case = session.scalar(select(Case.id))
    desk("clerk").get(f"/cases/{case}")
    desk("admin").get("/quarantine")
    auditor = desk("auditor")
    auditor.get("/audit/viewings")
    assert f"案件C{case}" in auditor.text
    assert "隔离区" in auditor.text
    auditor.get("/audit/viewings?who=clerk")
    assert f"案件C{case}" in auditor.text and "隔离区127" not in auditor.text


def test_a_view_that_cannot_be_written_down_is_not_shown(desk, session, ordered, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from hub.web.common import access

    def away():
        raise OperationalError("insert", {}, OSError("disk full"))

    clerk, case = desk("clerk"), session.scalar(select(Case.id))
    monkeypatch.setattr(access, "at_once", away)
    assert clerk.get(f"/cases/{case}").status_code == 503


def test_an_auditor_has_the_whole_chain_walked(desk, session, ordered):
    auditor = desk("auditor")
    auditor.get("/audit")
    assert auditor.submit("form-verify").status_code == 303
    auditor.get("/audit")
    assert "已从头核对" in auditor.text and "核对于" in auditor.text
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 1"))
    session.commit()
    auditor.get("/audit")
    auditor.submit("form-verify")
    auditor.get("/audit")
    assert "链条断裂" in auditor.text
