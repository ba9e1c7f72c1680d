"""The audit log shows whether its chain is intact; viewings of personal data are logged."""

from __future__ import annotations

from sqlalchemy import select, text

from models import AuditEntry, Case


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
    monkeypatch.setattr(access, "autocommit", away)
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
