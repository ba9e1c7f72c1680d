"""The case page: what it shows, every action on it, and what happens when two act at once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from hub import bell
from hub.services import answers
from hub.services.desk import casefile
from models import AuditEntry, Case, Decision, Delivery, Link, Order, Report
from tests.hub.web import seed
from tests.hub.web.conftest import queries


@pytest.fixture
def p(session, officers):
    made = seed.platforms(session)
    session.commit()
    return made


@pytest.fixture
def rumor(session, p) -> Case:
    case = seed.rumor_case(
        session,
        [
            ("口罩三天后全国断货，工厂都被征用了，赶紧多囤几箱", [p["jd"], p["jd"], p["alibaba"]]),
            ("听说口罩再过三天就全国断货，工厂都被征用了", [p["pdd"]]),
            ("N95原料被抢光", [p["weidian"]]),
        ],
        {"哄抬价格": ["赶紧多囤几箱"]},
    )
    session.commit()
    return case


@pytest.fixture
def merchant(session, p) -> Case:
    case = seed.merchant_case(
        session, [("口罩从2元涨到15元", [p["jd"], p["weidian"]])], "91110102MA4712GN19"
    )
    session.commit()
    return case


def _now(session, case_id: int) -> Case:
    session.expire_all()
    return session.get_one(Case, case_id)


# --- what it shows -------------------------------------------------------------------------


def test_reports_stand_side_by_side_with_why_they_were_joined(desk, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    assert '<mark title="哄抬价格">赶紧多囤几箱</mark>' in clerk.page
    assert "5 件举报，3 种表述" in clerk.text
    assert "语义相近 0.93" in clerk.text and "e5@1" in clerk.text
    assert "<ins>听说</ins>" in clerk.page and "<del>" in clerk.page
    assert "改写幅度大，未逐字比对" in clerk.text  # the third wording shares too little
    assert clerk.page.index("首见表述") < clerk.page.index("语义相近 0.93")


def test_classification_with_law_and_doubt(desk, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    for shown in (
        "价格法第十四条第（三）项", "规则 gouge-hoard", "医疗健康", "未定", "把握不足",
        "应为18位，实为9位", "模型未装载，仅用规则：rumor", "涉及防疫物资",
    ):  # fmt: skip
        assert shown in clerk.text


def test_merchant_with_shops_and_other_cases(desk, session, merchant):
    other = seed.merchant_case(session, [("消毒液缺斤少两", [])], None)
    other.subject_id, other.live = merchant.subject_id, False
    session.commit()
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    for shown in (
        "91110102MA4712GN19",
        "校验通过",
        "京东 康宁大药房旗舰店",
        "微店 康宁大药房旗舰店",
    ):
        assert shown in handler.text
    assert f'href="/cases/{other.id}"' in handler.page


def test_the_page_takes_a_fixed_number_of_queries(session, p):
    def case_of(n: int) -> int:
        made = seed.rumor_case(
            session, [(f"传言{n}的说法之{i}，流传很广", list(p.values())) for i in range(n)]
        )
        session.commit()
        return made.id

    counted = []
    for case_id in (case_of(2), case_of(15)):
        session.expire_all()
        with queries() as asked:
            casefile.read(session, case_id)
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 16


def test_a_viral_case_shows_pages_not_everything(desk, session, p):
    case = seed.rumor_case(
        session, [(f"第{i}种说法", [p["jd"]] * (9 if i == 0 else 1)) for i in range(23)]
    )
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{case.id}")
    assert "另有 3 件相同表述的举报" in clerk.text and "第 1 / 2 页" in clerk.text
    assert clerk.page.count('<article class="variant') == 20
    clerk.get(f"/cases/{case.id}?page=2")
    assert clerk.page.count('<article class="variant') == 3


def test_unknown_cases(desk):
    for path in ("/cases/999", "/cases/9223372036854775808", "/cases/x"):
        assert desk("clerk").get(path).status_code == 404
    assert "没有" in desk("clerk").text


# --- triage --------------------------------------------------------------------------------


def test_take_and_release(desk, session, rumor):
    clerk, other = desk("clerk"), desk("handler")
    assert clerk.act(rumor.id, "take").status_code == 303
    assert _now(session, rumor.id).state == "INVESTIGATING"
    other.get(f"/cases/{rumor.id}")
    assert not {"form-take", "form-release"} & other.forms
    assert clerk.act(rumor.id, "release").status_code == 303
    assert _now(session, rumor.id).owner_id is None


def test_dismiss_needs_a_reason_and_can_be_reopened(desk, session, rumor):
    clerk = desk("clerk")
    assert clerk.act(rumor.id, "dismiss", reason="  ").status_code == 422
    assert "请写明不予受理的理由" in clerk.text
    assert clerk.submit("form-dismiss", reason="与市场无关").status_code == 303
    assert _now(session, rumor.id).state == "DISMISSED"
    told = session.scalar(select(func.count()).where(Delivery.type == "report.updated"))
    assert told == 4  # platforms that reported it
    clerk.act(rumor.id, "reopen", reason="有新线索")
    assert _now(session, rumor.id).state == "REOPENED"


def test_suggestions_merge_and_unmerge(desk, session, p, rumor):
    small = seed.rumor_case(session, [("下周起口罩停产", [p["suning"]])])
    seed.suggest(session, small, rumor)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{small.id}")
    assert "可能是同一传言" in clerk.text and "0.84" in clerk.text
    answer = clerk.submit(f"form-merge-{rumor.id}")
    assert answer.location == f"/cases/{rumor.id}"
    assert _now(session, rumor.id).demand == 6
    clerk.get(f"/cases/{rumor.id}")
    assert "随并案转入" in clerk.text or "人工认定" in clerk.text
    clerk.act(small.id, "unmerge")
    assert (_now(session, rumor.id).demand, _now(session, small.id).demand) == (5, 1)


def test_the_larger_case_takes_the_smaller(desk, session, p, rumor):
    small = seed.rumor_case(session, [("下周起口罩停产", [p["suning"]])])
    seed.suggest(session, small, rumor)
    session.commit()
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    assert clerk.submit(f"form-merge-{small.id}").location == f"/cases/{rumor.id}"
    assert _now(session, small.id).merged_into_id == rumor.id


@pytest.mark.parametrize(
    ("into", "status"), [("C999", 404), ("口罩", 422), ("", 422), ("self", 422), ("9" * 40, 422)]
)
def test_merging_into_nonsense(desk, rumor, into, status):
    into = f"C{rumor.id}" if into == "self" else into
    assert desk("clerk").act(rumor.id, "merge", into=into).status_code == status


def test_split_takes_the_ticked_reports_out(desk, session, rumor):
    report = session.scalar(select(Report).where(Report.text == "N95原料被抢光"))
    clerk = desk("clerk")
    answer = clerk.act(rumor.id, "split", reports=[str(report.id)])
    new = int(answer.location.rsplit("/", 1)[1])
    assert (_now(session, new).demand, _now(session, rumor.id).demand) == (1, 4)
    assert session.scalar(select(Link.method).where(Link.status == "dismissed")) == "person"
    assert clerk.act(rumor.id, "split").status_code == 422
    assert clerk.act(rumor.id, "split", reports=["1 OR 1=1"]).status_code == 422


# --- decision ------------------------------------------------------------------------------


def test_propose_approve_execute(desk, session, merchant):
    handler, approver = desk("handler"), desk("approver")
    handler.get(f"/cases/{merchant.id}")
    assert "涉嫌哄抬价格" in handler.page  # the draft
    handler.submit("form-propose", facts="口罩由2元涨至15元，经核查属实。")
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
    answers.take(session, order.platform_id, "jd", "order.executed", done)
    session.commit()
    approver.get(f"/cases/{merchant.id}")
    assert 'data-platform="jd" data-execution="PARTIAL"' in approver.page
    assert approver.page.count('data-execution="NONE"') == 4
    for shown in ("✓ 关闭店铺 jd-1", "✗ 限制入驻：待接入", "部分执行"):
        assert shown in approver.text


def test_approval_rings_the_senders_after_commit(desk, session, merchant, monkeypatch):
    rung = []

    def ring(name: str) -> bool:
        rung.append((name, session.scalar(select(func.count(Order.id)))))
        session.rollback()
        return True

    monkeypatch.setattr(bell, "ring", ring)
    desk("handler").act(merchant.id, "propose", facts="事实")
    desk("approver").act(merchant.id, "approve")
    assert rung == [("deliver", 5)]


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
    session.merge(officers["handler"])
    session.commit()
    same = desk("handler")
    same.get(f"/cases/{merchant.id}")
    assert not {"form-approve", "form-reject"} & same.forms
    version = _now(session, merchant.id).version
    token = re.search(r'name="csrf_token" value="([^"]+)"', same.page)[1]
    for action in ("approve", "reject"):
        answer = same.client.post(
            f"/cases/{merchant.id}/{action}",
            data={"version": version, "csrf_token": token, "reason": "x"},
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
    facts = casefile.read(session, merchant.id).facts
    assert "当事人南浦市康宁药业有限公司（统一社会信用代码91110102MA4712GN19）" in facts
    for secret in ("京东", "jd", "微店", "旗舰店", "2元涨到15元"):
        assert secret not in facts
