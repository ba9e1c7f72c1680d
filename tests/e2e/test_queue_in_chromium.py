"""The queue by keyboard, on a phone, and for people who cannot see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_case_in_chromium import _report, _send
from tests.shots.camera import grave

LONG = "这家店的口罩涨价了" + "而且客服一直不回消息" * 30


@pytest.fixture(scope="module")
def cases(live_hub) -> list[str]:
    texts = ("群里说盐湖断流下周没有食盐卖", "听说北岸新村的自来水里有虫卵", LONG)
    return [_send(live_hub, "jd", _report(f"queue-{n}", t)) for n, t in enumerate(texts)]


def test_lines_are_cleared_and_brought_back_by_keyboard(screen, cases):
    clerk = screen("clerk")
    page = clerk.open("/queue?platform=jd")
    before = page.locator(".case-link").count()
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.locator(".picked")).to_have_text("已勾选 2 件")
    page.keyboard.press("d")
    page.keyboard.type("与本局无关")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("已不予受理 2 件")
    expect(page.locator(".case-link")).to_have_count(before - 2)
    expect(page.locator("[data-help]")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("[role=status]")).to_contain_text("已撤销 2 件")
    expect(page.locator(".case-link")).to_have_count(before)


def test_taking_and_the_sheet_of_keys(screen, cases):
    handler = screen("handler")
    page = handler.open(f"/queue?q=C{cases[0]}")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("[role=status]")).to_contain_text(f"C{cases[0]} 已领取")
    expect(page.locator("[data-help]")).to_be_visible()  # the script of the new page runs
    page.keyboard.press("/")
    page.keyboard.type("j")
    expect(page.locator("[name=q]")).to_be_focused()


def test_a_reason_being_typed_outlives_the_session(screen, cases):
    clerk = screen("clerk")
    page = clerk.open("/queue")
    page.keyboard.press("d")
    page.keyboard.type("写了一半的理由")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    clerk.open("/login")
    page.wait_for_load_state("networkidle")
    page.fill("#username", "clerk")
    page.fill("#password", "hub-demo-2020")
    page.click("#form-login button")
    expect(page.locator("#batch-reason")).to_have_value("写了一半的理由")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_for_people_who_cannot_see_it(screen, cases, width, tmp_path):
    clerk = screen("clerk", width)
    for path in ("/queue", "/queue?q=口罩涨价", f"/cases/{cases[2]}"):
        page = clerk.open(path)
        clerk.shot(tmp_path / "page.png")
        assert clerk.overflow() == 0, path
        assert grave(page) == []
    page.context.clear_cookies()
    assert grave(clerk.open("/login")) == []
