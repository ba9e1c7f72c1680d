"""A report's whole way as officers see it: queue, case, decision, approval, execution."""

from __future__ import annotations

import re

from playwright.sync_api import expect

RUMOR = "听群里说市里的面粉仓库全被水泡了，下周起超市断供，赶紧去抢购面粉大米！"
COPY = "听群里说市里的面粉仓库全被水泡了，下周起超市断供，赶紧去抢购面粉大米!!!"
# What would run, load or lead away if any page took it for more than text.
EVIL = (
    "\u202egnp.exe\u202c <script>document.title='pwned'</script>"
    "<img src=x onerror=\"document.title='pwned'\">"
    "<svg onload=alert(1)> javascript:alert(1) https://evil.example/"
)


def _report(report_id: str, text: str, **more) -> dict:
    content = {"text": text, **more.pop("content", {})}
    return {
        "report_id": report_id,
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": content,
        **more,
    }


def _send(live_hub, platform: str, data: dict) -> str:
    """Send one report and return the number of the case it found."""
    answer = live_hub.send_report(platform, data)
    assert answer["status"] == 202, answer
    return live_hub.settled(platform, data["report_id"])["case"].removeprefix("C")


def test_report_queue_decision_approval_execution(live_hub, screen, tmp_path):
    case = _send(live_hub, "jd", _report("e2e-1", RUMOR))
    assert _send(live_hub, "weidian", _report("e2e-2", COPY)) == case

    handler = screen("handler")
    page = handler.open("/queue")
    page.fill("input[name=q]", "面粉仓库")
    page.click("#form-filter button")
    line = page.locator("tr", has=page.locator(f'a.case-link[href="/cases/{case}"]'))
    expect(line).to_contain_text("京东")
    expect(line).to_contain_text("微店")
    handler.shot(tmp_path / "queue.png")
    line.locator("a.case-link").click()

    expect(page.locator("#h-evidence")).to_contain_text("2 件举报")
    expect(page.locator("#facts")).to_have_value(re.compile("面粉仓库"))
    page.click("#form-take button")
    expect(page.locator("[role=status]")).to_contain_text("已领取")
    page.click("#form-propose button")
    expect(page.locator("#problem")).to_contain_text("核查情况还没有填写")  # only a person knows
    assert all("422" in said for said in handler.complaints)
    handler.complaints.clear()
    draft = page.locator("#facts").input_value()
    page.fill("#facts", re.sub("【.*】", "经向市粮食储备部门查询，仓库未进水。", draft))
    page.click("#form-propose button")
    expect(page.locator(".state").first).to_have_text("待审批")
    expect(page.locator("#form-approve")).to_have_count(0)  # nobody decides alone

    approver = screen("approver")
    page = approver.open(f"/cases/{case}")
    expect(page.locator(".decision tbody tr")).to_have_count(5)
    approver.shot(tmp_path / "proposal.png")
    page.click("#form-approve button")
    # The page renews itself as platforms answer; nobody reloads it.
    expect(page.locator('[data-execution="NONE"]')).to_have_count(0, timeout=30_000)
    settled = page.locator('tr[data-execution="EXECUTED"], tr[data-execution="ABSENT"]')
    expect(settled).to_have_count(5, timeout=30_000)
    page.reload()
    expect(page.locator(".case-head .state")).to_have_text("已执行")
    approver.shot(tmp_path / "executed.png")
    assert (tmp_path / "executed.png").stat().st_size > 10_000


def test_hostile_text_does_nothing(live_hub, screen, tmp_path):
    case = _send(
        live_hub,
        "pinduoduo",
        _report(
            "e2e-evil",
            "毒疫苗流入市场" + EVIL,
            content={"title": EVIL, "url": "javascript:document.title='pwned'", "images": [EVIL]},
            subject={"shop_id": "x", "shop_name": EVIL, "merchant_name": EVIL, "address": EVIL},
            reporter={"kind": "user", "ref": EVIL[:60]},
            reason=EVIL,
            evidence=[EVIL, {EVIL: EVIL}],
        ),
    )
    handler = screen("handler")
    for path in (f"/cases/{case}", "/queue"):
        page = handler.open(path)
        for details in page.locator("details").all():
            details.evaluate("d => d.open = true")
        assert "pwned" not in page.title()
        links = page.eval_on_selector_all("a, img, script, form", "e => e.map(x => x.outerHTML)")
        assert not [link for link in links if re.search(r"evil\.example/?\"|=\"?javascript:", link)]
        expect(page.locator(".unseen").first).to_contain_text("U+202E")
    handler.shot(tmp_path / "hostile.png")


def test_a_phone_shows_every_page_without_scrolling_sideways(live_hub, screen, tmp_path):
    case = _send(live_hub, "suning", _report("e2e-long", "长" * 30_000 + "W" * 3000))
    clerk, admin = screen("clerk", width=390), screen("admin", width=390)
    for path in ("/queue", "/queue?state=all", f"/cases/{case}"):
        clerk.open(path)
        assert clerk.overflow() == 0, path
    clerk.shot(tmp_path / "phone.png")
    for path in ("/platforms", "/platforms/jd", "/users", "/quarantine"):
        admin.open(path)
        assert admin.overflow() == 0, path


def test_the_queue_by_keyboard(live_hub, screen):
    case = _send(live_hub, "alibaba", _report("e2e-key", "据说明天起全市公交停运一周"))
    clerk = screen("clerk")
    page = clerk.open(f"/queue?q=C{case}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case}")


def test_what_is_typed_outlives_a_lost_session(live_hub, screen):
    case = _send(live_hub, "jd", _report("e2e-typed", "网传明天起所有药店停止营业，大家快去买药"))
    handler = screen("handler")
    page = handler.open(f"/cases/{case}")
    page.fill("#facts", "写了半小时的事实")
    elsewhere = screen("handler")
    elsewhere.open("/account")
    elsewhere.page.click("#form-end-others button")
    page.click("#form-propose button")
    expect(page.locator("main")).to_contain_text("登录已过期")
    assert "写了半小时的事实" in page.content()
    assert all("401" in said for said in handler.complaints)
    handler.complaints.clear()
    handler.open("/login")
    page.fill("#username", live_hub.logins["handler"][0])
    page.fill("#password", live_hub.logins["handler"][1])
    page.click("#form-login button")
    page.wait_for_url(lambda url: "/login" not in url)
    handler.open(f"/cases/{case}")
    expect(page.locator("#facts")).to_have_value("写了半小时的事实")


def test_without_javascript(browser, live_hub):
    """A person without scripts logs in, takes a case and gives it back."""
    case = _send(live_hub, "jd", _report("e2e-plain", "网传某地高速公路全部封闭，物资进不来"))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_hub.base_url + f"/cases/{case}")
    username, password = live_hub.logins["clerk"]
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("#form-login button")
    for form, state in (("take", "研判中"), ("release", "研判中")):
        page.click(f"#form-{form} button")
        expect(page.locator(".case-head .state")).to_have_text(state)
    expect(page.locator("#form-take")).to_have_count(1)
    page.context.close()
