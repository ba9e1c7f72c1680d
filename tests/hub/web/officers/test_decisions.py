"""Decisions on the case page: four eyes, every platform, two at once."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import func, select

from hub import job_queue
from hub.desk.case_page import case_file
from hub.services.enforcement import platform_answers
from hub.services.people import second_factor
from models import AuditEntry, Case, Decision, Order
from tests.hub.web.conftest import SECRET, forms


def _now(session, case_id: int) -> Case:
    session.expire_all()
    return session.get_one(Case, case_id)


# --- decision ------------------------------------------------------------------------------


def test_propose_approve_execute(desk, session, merchant):
    handler, approver = desk("handler"), desk("approver")
    handler.get(f"/cases/{merchant.id}")
    assert "涉嫌哄抬价格" in handler.page  # the draft
    handler.submit("form-propose", facts="口罩由2元涨至15元，经现场核查属实。")
    assert _now(session, merchant.id).state == "PROPOSED"
    handler.get(f"/cases/{merchant.id}")
    assert "form-withdraw" in handler.forms and "form-approve" not in handler.forms

    approver.get(f"/cases/{merchant.id}")
    assert "康宁大药房旗舰店（jd-" in approver.text and "未见店铺，限制入驻" in approver.text
    assert approver.submit("form-approve").status_code == 303
    order = session.scalar(select(Order).where(Order.platform.has(slug="jd")))
    done = {"order_id": order.public_id, "result": "partial", "done": [
        {"code": "close_shop", "target": "jd-1", "ok": True},
        {"code": "bar_onboarding", "ok": False, "note": "待接入"}]}  # fmt: skip
    platform_answers.take(session, order.platform_id, "jd", "order.executed", done)
    session.commit()
    approver.get(f"/cases/{merchant.id}")
    assert 'data-platform="jd" data-execution="PARTIAL"' in approver.page
    assert approver.page.count('data-execution="NONE"') == 4
    for shown in ("✓ 关闭店铺 jd-1", "✗ 限制入驻：待接入", "部分执行"):
        assert shown in approver.text


def test_approval_rings_the_senders_after_commit(desk, session, merchant, monkeypatch):
    notified = []

    def notify(name: str) -> bool:
        notified.append((name, session.scalar(select(func.count(Order.id)))))
        session.rollback()
        return True

    monkeypatch.setattr(job_queue, "notify", notify)
    desk("handler").act(merchant.id, "propose", facts="事实")
    desk("approver").act(merchant.id, "approve")
    assert notified == [("deliver", 5)]


def test_reject_shows_why_and_keeps_the_facts_for_the_next_try(desk, session, merchant):
    handler, approver = desk("handler"), desk("approver")
    handler.act(merchant.id, "propose", facts="第一稿事实", measures=["warn"])
    assert approver.act(merchant.id, "reject", reason="").status_code == 422
    approver.submit("form-reject", reason="证据不足，请补充")
    handler.get(f"/cases/{merchant.id}")
    assert "证据不足，请补充" in handler.text and "第一稿事实" in handler.page
    handler.submit("form-propose")
    versions = session.execute(select(Decision.version, Decision.state).order_by(Decision.id)).all()
    assert [tuple(v) for v in versions] == [(1, "REJECTED"), (2, "PROPOSED")]
    latest = session.scalar(select(Decision).order_by(Decision.id.desc()))
    assert [m["code"] for m in latest.measures] == ["warn"]


def test_withdraw_is_for_the_proposer(desk, session, merchant):
    desk("handler").act(merchant.id, "propose", facts="事实")
    other = desk("handler2")
    other.get(f"/cases/{merchant.id}")
    assert "form-withdraw" not in other.forms
    desk("handler").act(merchant.id, "withdraw", reason="补充材料")
    assert _now(session, merchant.id).state == "WITHDRAWN"


def test_revoke_goes_to_every_platform(desk, session, merchant):
    desk("handler").act(merchant.id, "propose", facts="事实")
    approver = desk("approver")
    approver.act(merchant.id, "approve")
    assert approver.act(merchant.id, "revoke", reason=" ").status_code == 422
    assert approver.submit("form-revoke", reason="认定有误").status_code == 303
    approver.get(f"/cases/{merchant.id}")
    assert approver.page.count('<tr class="revocation"') == 5
    assert "认定有误" in approver.text


def test_nobody_decides_alone(desk, session, officers, merchant):
    """An officer whose role changed after proposing still may not approve the same decision."""
    desk("handler").act(merchant.id, "propose", facts="事实")
    officers["handler"].role = "approver"
    second_factor.known(session, officers["handler"], SECRET)
    session.merge(officers["handler"])
    session.commit()
    same = desk("handler")
    same.get(f"/cases/{merchant.id}")
    assert not {"form-approve", "form-reject"} & same.forms
    version = _now(session, merchant.id).version
    token = re.search(r'name="csrf_token" value="([^"]+)"', same.page)[1]
    code = pyotp.TOTP(SECRET).now()
    for action in ("approve", "reject"):
        answer = same.client.post(
            f"/cases/{merchant.id}/{action}",
            data={"version": version, "csrf_token": token, "reason": "x", "code": code},
        )
        assert answer.status_code == 403
    assert _now(session, merchant.id).state == "PROPOSED"


def test_overdue_orders_are_named(desk, session, merchant):
    desk("handler").act(merchant.id, "propose", facts="事实")
    desk("approver").act(merchant.id, "approve")
    order = session.scalar(select(Order).where(Order.platform.has(slug="pdd")))
    order.answer_by = func.now() - func.make_interval(0, 0, 0, 1)
    session.commit()
    desk("auditor").get(f"/cases/{merchant.id}")
    assert desk("auditor").text.count("已逾期") == 1


# --- two at once ---------------------------------------------------------------------------


def test_a_stale_page_gets_409_that_tells_what_changed_and_keeps_the_text(desk, session, merchant):
    slow, quick = desk("handler"), desk("handler2")
    slow.get(f"/cases/{merchant.id}")
    quick.act(merchant.id, "take")
    answer = slow.submit("form-propose", facts="我写的<事实>", measures=["warn", "close_shop"])
    assert answer.status_code == 409
    assert "handler2" in slow.text and "领取" in slow.text
    assert "我写的&lt;事实&gt;" in slow.page
    kept = re.findall(r'name="measures" value="(\w+)" checked', slow.page)
    assert kept == ["warn", "close_shop"]
    assert slow.submit("form-propose").status_code == 303  # the page now carries the new version
    decision = session.scalar(select(Decision))
    assert decision.facts == "我写的<事实>"


def test_what_was_typed_is_kept_even_when_the_form_is_gone(desk, session, merchant):
    slow, quick = desk("handler"), desk("handler2")
    slow.get(f"/cases/{merchant.id}")
    quick.act(merchant.id, "propose", facts="先到的事实")
    assert slow.submit("form-propose", facts="后到的事实").status_code == 409
    assert "form-propose" not in slow.forms
    assert "后到的事实" in slow.page and "尚未提交" in slow.text


def test_two_approvers_one_winner(desk, session, merchant):
    desk("handler").act(merchant.id, "propose", facts="事实")
    one, two = desk("approver"), desk("approver2")
    for each in (one, two):
        each.get(f"/cases/{merchant.id}")
    assert [one.submit("form-approve").status_code, two.submit("form-approve").status_code] == [
        303,
        409,
    ]
    assert session.scalar(select(func.count(Order.id))) == 5


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 30, "1.5", "１"])
def test_a_form_without_a_good_version_is_refused(desk, rumor, version):
    assert desk("clerk").act(rumor.id, "take", version=version).status_code == 422


def test_proposals_are_checked(desk, session, merchant):
    handler = desk("handler")
    assert handler.act(merchant.id, "propose", measures=[], facts="事实").status_code == 422
    assert handler.act(merchant.id, "propose", measures=["push_debunk"]).status_code == 422
    assert handler.act(merchant.id, "propose", facts=" \u200b ").status_code == 422
    assert session.scalar(select(func.count(Decision.id))) == 0


def test_every_action_is_in_the_log_of_the_page(desk, session, rumor):
    desk("clerk").act(rumor.id, "take")
    desk("handler").act(rumor.id, "propose", facts="事实")
    desk("approver").act(rumor.id, "approve")
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.case_id == rumor.id)).all()
    assert actions == ["take", "propose", "approve"]
    auditor = desk("auditor")
    auditor.get(f"/cases/{rumor.id}")
    for shown in ("clerk甲 领取", "handler甲 提出处理建议", "approver甲 批准", "下达5个平台"):
        assert shown in auditor.text
    assert not {f for f in auditor.forms if f != "form-logout"}


def test_the_draft_names_no_platform_shop_or_reporter(session, merchant):
    facts = case_file.read(session, merchant.id).ruling.draft.facts
    assert "当事人南浦市康宁药业有限公司（统一社会信用代码91110102MA4712GN19）" in facts
    for secret in ("京东", "jd", "微店", "旗舰店", "2元涨到15元"):
        assert secret not in facts


def test_the_draft_claims_no_check_that_nobody_made(desk, session, merchant, rumor):
    handler = desk("handler")
    for case in (merchant, rumor):
        assert "经核查" not in case_file.read(session, case.id).ruling.draft.facts
        answer = handler.act(case.id, "propose")
        assert answer.status_code == 422
        assert "核查情况还没有填写" in handler.text
        draft = forms(handler.page)["form-propose"]["data"]["facts"]
        assert "待办案员填写" in draft  # what was typed is kept, blank and all
        facts = re.sub("【.*】", "经电话核实，情况属实。", draft)
        assert handler.submit("form-propose", facts=facts).status_code == 303
