"""Chromium for tests of pages as people see them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.shots.camera import FLAGS, sideways

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one these tests are skipped, and fail in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed; CI must have it")
        pytest.skip("Chromium is not installed: browser tests are left out (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Screen:
    """One officer at a screen, and everything the browser complained about."""

    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.base_url + path)
        return self.page

    def overflow(self) -> int:
        """Pixels by which the page is wider than the screen."""
        return sideways(self.page)

    def shot(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)


@pytest.fixture
def screen(browser, live_hub) -> Iterator[Callable[..., Screen]]:
    """`screen(role, width=1280)` is that officer logged in; every complaint fails the test."""
    opened: list[Screen] = []

    def login(role: str, width: int = 1280) -> Screen:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(20_000)
        screen = Screen(page, live_hub.base_url)
        page.on("console", lambda m: screen.complaints.append(m.text))
        page.on("pageerror", lambda e: screen.complaints.append(str(e)))
        page.on("dialog", lambda d: (screen.complaints.append(f"dialog {d.message}"), d.dismiss()))
        opened.append(screen)
        username, password = live_hub.logins[role]
        screen.open("/login")
        page.fill("#username", username)
        page.fill("#password", password)
        page.click("#form-login button")
        page.wait_for_url(lambda url: "/login" not in url)
        return screen

    yield login
    for each in opened:
        each.page.close()
    assert [c for each in opened for c in each.complaints] == []
