"""What is masked on the pages, and how a case handler sees one report in full."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import AuditEntry, Report, Viewing
from tests.hub.web import seed

PHONE, REF = "13812345678", "buyer-4711"


@pytest.fixture
def told(session, p):
    case = seed.rumor_case(
        session,
        [
            (f"口罩断货，要货打{PHONE}找王姐", [p["jd"]]),
            (f"口罩全断货了，要货打{PHONE}找王姐", [p["pdd"]]),
        ],
        reporter={"kind": "named", "ref": REF},
        evidence=[f"聊天记录：我的电话{PHONE}"],
        content={"title": f"要货打{PHONE}"},
    )  # fmt: skip
    session.commit()
    return case


@pytest.mark.parametrize("role", ["clerk", "handler", "approver", "auditor"])
def test_nobody_sees_a_persons_number_on_a_page(desk, told, role):
    officer = desk(role)
    for path in (
        f"/cases/{told.id}",
        "/queue",
        f"/queue?q={PHONE[:5]}",
        f"/queue?q={PHONE[3:9]}",
        "/queue.csv",
    ):
        assert officer.get(path).status_code == 200
        assert PHONE not in officer.page and REF not in officer.page, path
    officer.get(f"/cases/{told.id}")
    assert "138******78" in officer.text


def test_papers_and_drafts_quote_what_is_masked(session, told):
    from hub.desk.case_page import case_file, paper_facts

    case = case_file.read(session, told.id)
    assert PHONE not in case.ruling.draft.facts
    assert PHONE not in str(paper_facts.facts(session, case))


def test_a_handler_reveals_one_report_with_a_reason(desk, told, session):
    handler = desk("handler")
    handler.get(f"/cases/{told.id}")
    first, second = session.scalars(select(Report).order_by(Report.id)).all()
    assert handler.submit(f"form-reveal-{first.id}", reason="需联系举报人核实").status_code == 200
    assert PHONE in handler.text and REF in handler.text
    assert second.external_id not in handler.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "revealed")).one()
    assert (entry.actor, entry.case_id) == ("handler", told.id)
    assert entry.detail == {"report": f"jd/{first.external_id}", "reason": "需联系举报人核实"}
    assert "reveal.show" in session.scalars(select(Viewing.page)).all()
    handler.get(f"/cases/{told.id}")
    assert PHONE not in handler.page


@pytest.mark.parametrize("reason", ["", "   ", "看看"])
def test_no_reveal_without_a_reason(desk, told, session, reason):
    handler = desk("handler")
    handler.get(f"/cases/{told.id}")
    id_ = session.scalar(select(Report.id))
    assert handler.submit(f"form-reveal-{id_}", reason=reason).status_code == 422
    assert PHONE not in handler.page
    assert not session.scalars(select(AuditEntry).where(AuditEntry.action == "revealed")).all()


def test_no_reveal_of_another_cases_report(desk, told, rumor, session):
    handler = desk("handler")
    handler.get(f"/cases/{told.id}")
    id_ = session.scalar(select(Report.id).where(Report.case_id == told.id))
    form = f"form-reveal-{id_}"
    handler.page = handler.page.replace(f"/cases/{told.id}/reports", f"/cases/{rumor.id}/reports")
    assert handler.submit(form, reason="需联系举报人核实").status_code == 404


def test_a_clerk_has_no_such_form(desk, told):
    clerk = desk("clerk")
    clerk.get(f"/cases/{told.id}")
    assert not [f for f in clerk.forms if f.startswith("form-reveal")]
