"""Reliability and floods as officers see them."""

from __future__ import annotations

from hub.services import reliability
from tests.hub.web import seed


def test_the_case_and_the_queue_say_how_reports_were_weighed(desk, session, p):
    payload = {"reporter": {"kind": "named", "ref": "one buyer"}}
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 25)], **payload)
    reliability.refresh(session)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "疑似集中刷报" in clerk.text and "25 件、仅 1 个来源" in clerk.text
    assert "来源可信度" in clerk.text and "可信权重" in clerk.page
    clerk.get("/queue")
    assert f"× 可信权重 {case.trust:.2f}" in clerk.page


def test_the_platform_page_states_the_formula(desk, session, p):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    case.state = "DISMISSED"
    reliability.refresh(session)
    session.commit()
    auditor = desk("auditor")
    auditor.get("/platforms/jd")
    assert "举报可信度 0.33" in auditor.text
