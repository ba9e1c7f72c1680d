"""Second review as officers see it: taken, answered blind by keyboard, compared, settled."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_case_in_chromium import _report, _send


@pytest.fixture
def every_case_drawn(live_hub, screen):
    """The share is all while the test runs, and none afterwards."""
    page = screen("approver").open("/reviews")

    def draw(share: str) -> None:
        page.goto(live_hub.base_url + "/reviews")
        page.fill("#share", share)
        page.fill("#golden_share", "0")
        page.fill("#rule-why", "测试")
        page.click("#form-rule button")
        expect(page.locator("[role=status]")).to_contain_text("抽查比例已更新")

    draw("100")
    yield page
    draw("0")


def test_a_dismissal_is_reviewed_blind(live_hub, screen, every_case_drawn, tmp_path):
    supervisor = every_case_drawn
    text = "家族群里转发说下周一起全市自来水停供三天，请各家备水"
    case = _send(live_hub, "jd", _report("e2e-review", text))
    page = screen("clerk").open(f"/cases/{case}")
    page.click("summary:has-text('不予受理')")
    page.fill("#dismiss-reason", "自来水公司已答复没有停水")
    page.click("#form-dismiss button")
    expect(page.locator("[role=status]")).to_contain_text("已不予受理")

    handler = screen("handler", width=390)
    page = handler.open("/reviews")
    assert handler.overflow() == 0
    page.click("#form-next button")
    expect(page.locator("h1")).to_contain_text("自来水停供三天")
    assert "自来水公司已答复" not in page.content()
    assert handler.overflow() == 0
    handler.shot(tmp_path / "review-blind.png")
    page.locator("#form-answer [value=rumor]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("应当处置")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_contain_text("不一致")
    expect(page.locator("#outcome")).to_contain_text("不是谣言，不予受理")
    handler.shot(tmp_path / "review-answered.png")

    supervisor.reload()
    apart = supervisor.locator(".apart", has_text="自来水停供三天")
    expect(apart).to_contain_text("应当处置")
    expect(supervisor.locator(".heat")).to_be_visible()
    supervisor.screenshot(path=tmp_path / "reviews.png", full_page=True)
    apart.locator("[name=as]").select_option("second")
    apart.locator("[name=because]").fill("按复核意见重新研判")
    apart.locator("[name=reopen]").check()
    apart.locator("button").click()
    expect(supervisor.locator("[role=status]")).to_contain_text(f"C{case} 已重新打开")
