"""Reliability and floods as officers see them."""

from __future__ import annotations

from hub.services.cases import trust_rounds
from tests.hub.web import seed


def test_the_case_and_the_queue_say_how_reports_were_weighed(desk, session, p):
    payload = {"reporter": {"kind": "named", "ref": "one buyer"}}
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 25)], **payload)
    trust_rounds.whole(session)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "疑似集中刷报" in clerk.text and "25 件、仅 1 个来源" in clerk.text
    assert "来源可信度" in clerk.text and "可信权重" in clerk.page
    clerk.get("/queue")
    assert "疑似集中刷报" in clerk.text and "来源可信度：京东 0.50" in clerk.page
    assert f"× 可信权重 {case.trust:.2f}" in clerk.page


def test_the_platform_page_states_the_formula(desk, session, p):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    seed.put(session, case, "DISMISSED")
    trust_rounds.whole(session)
    session.commit()
    auditor = desk("auditor")
    auditor.get("/platforms/jd")
    assert "举报可信度 0.33" in auditor.text


def test_each_report_says_how_far_its_source_was_right_before(desk, session, p):
    known = {"reporter": {"kind": "named", "ref": "r-1"}}
    right = seed.rumor_case(session, [("喝白酒防病毒", [p["jd"]] * 2)], **known)
    seed.put(session, right, "EXECUTED")
    wrong = seed.rumor_case(session, [("明天停电", [p["pdd"]])])
    seed.put(session, wrong, "DISMISSED")
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]])], **known)
    other = seed.rumor_case(session, [("面粉断货", [p["pdd"]])])
    trust_rounds.whole(session)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "举报人可信度 0.75" in clerk.text and "属实 2.0、不予受理 0.0" in clerk.page
    clerk.get(f"/cases/{other.id}")
    assert "平台可信度 0.33" in clerk.text and "拼多多（未提供举报人标识）" in clerk.page
    clerk.get("/queue")
    assert f"/cases/{other.id}" in clerk.page  # doubted, and there all the same
