"""Pictures stay closed, then blurred, then clear, by keyboard and without scripts; what is marked
is covered."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.test_case_in_chromium import _report, _send


def _filter(page) -> str:
    return page.locator(".picture img").first.evaluate("i => getComputedStyle(i).filter")


def _seen(page) -> bool:
    return page.locator(".picture img").first.evaluate("i => i.naturalWidth === 320")


def _opened_today(handler) -> int:
    page = handler.open("/account")
    return int(re.findall(r"今天已打开 (\d+) 件", page.inner_text("#h-care + p"))[0])


def test_a_picture_is_blurred_until_wished_for(live_hub, screen, tmp_path):
    address = f"http://127.0.0.1:{live_hub.sandboxes['jd']['port']}/picture.png"
    text = "有人发来现场照片，说市场里倒了一大片"
    case = _send(live_hub, "jd", _report("e2e-care", text, content={"images": [address]}))
    handler = screen("handler")
    before = _opened_today(handler)
    page = handler.open(f"/cases/{case}")
    asked = []
    page.on("request", lambda r: asked.append(r.url) if "/pictures/" in r.url else None)
    page.locator(".copies summary").first.click()
    page.wait_for_timeout(300)
    assert asked == []  # nothing is fetched for a picture nobody asked for
    page.locator(".picture summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".picture img").first).to_have_js_property("naturalWidth", 320)
    assert "blur" in _filter(page)
    handler.shot(tmp_path / "blurred.png")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert _filter(page) == "none" and _seen(page)
    handler.shot(tmp_path / "clear.png")

    page.click("#form-care button")
    expect(page.locator("[role=status]")).to_contain_text("已标为令人不适")
    expect(page.locator("#veiled")).to_contain_text("本案内容已遮盖")
    expect(page.locator(".variant .text")).to_have_text("原文已遮盖（18 字）。")
    handler.shot(tmp_path / "covered.png")
    page.locator("#veiled a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".variant .text")).to_contain_text("现场照片")
    assert _opened_today(handler) == before + 2
    handler.shot(tmp_path / "account.png")


def test_it_works_without_javascript(browser, live_hub):
    address = f"http://127.0.0.1:{live_hub.sandboxes['jd']['port']}/picture.png"
    case = _send(
        live_hub,
        "jd",
        _report("e2e-care-2", "网传某地桥梁开裂的照片", content={"images": [address]}),
    )
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_hub.base_url + f"/cases/{case}")
    username, password = live_hub.logins["clerk"]
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("#form-login button")
    page.locator(".copies summary").first.click()
    page.locator(".picture summary").first.click()
    expect(page.locator(".picture img")).to_be_visible()
    expect(page.locator(".picture img")).to_have_css("filter", "blur(18px) grayscale(1)")
    page.locator(".picture [type=checkbox]").check()
    expect(page.locator(".picture img")).to_have_css("filter", "none")
    page.context.close()
