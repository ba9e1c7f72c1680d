"""Chromium with somebody logged in: opens a view, looks at it closely, takes its picture."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.shots.pages import Places, View

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
TALLEST = 1800  # pixels of a picture; what is longer is cut
MOST_KB, MOST_MS = 200, 1000


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("Chromium is not installed (apt install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


def grave(page: Page) -> list[str]:
    """What axe calls serious or critical, each with the element."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {node['html'][:160]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


class Camera:
    """One browser; every role logs in once and keeps its session for both widths."""

    def __init__(self, browser: Browser, base_url: str, places: Places, out: Path) -> None:
        self.browser, self.base_url, self.places, self.out = browser, base_url, places, out
        self._states: dict[str, Any] = {}

    def look(self, view: View, scene: str, width: int, png: bool) -> dict[str, Any]:
        """Open a view, take its picture, return what was measured and what is wrong."""
        context = self._context(view.role, width)
        page = context.new_page()
        page.set_default_timeout(30_000)
        errors: list[str] = []
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(self.base_url + view.path.format_map(self.places), wait_until="load")
        measured = self._measure(page)
        if measured["paint_ms"] > MOST_MS:  # a busy machine is no slow page
            page.reload(wait_until="load")
            measured["paint_ms"] = self._measure(page)["paint_ms"]
        if view.act:
            view.act(page, self.places)
            page.wait_for_load_state("load")
        wrong = errors + grave(page)
        if (wide := sideways(page)) > 0:
            wrong.append(f"{wide} pixels wider than the screen")
        if measured["kb"] > MOST_KB or measured["paint_ms"] > MOST_MS:
            wrong.append(f"heavy or slow: {measured}")
        name = f"{view.name}{'' if scene == 'full' else f'-{scene}'}-{width}"
        self._shoot(page, width, self.out / f"{name}.{'png' if png else 'webp'}")
        context.close()
        return {"name": name, **measured, "wrong": wrong}

    def _context(self, role: str, width: int) -> BrowserContext:
        size = {"width": width, "height": 900 if width > 720 else 844}
        if role and role not in self._states:
            self._states[role] = self._log_in(role)
        return self.browser.new_context(
            viewport=size, storage_state=self._states.get(role), locale="zh-CN"
        )

    def _log_in(self, role: str) -> Any:
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(self.base_url + "/login")
        page.fill("#username", self.places.get("logins", {}).get(role, role))
        page.fill("#password", self.places["password"])
        page.click("#form-login button")
        page.wait_for_url(lambda url: "/login" not in url)
        state = context.storage_state()
        context.close()
        return state

    def _measure(self, page: Page) -> dict[str, Any]:
        paint = page.evaluate(
            "new Promise(r => new PerformanceObserver(l => r(l.getEntriesByName("
            "'first-contentful-paint')[0]?.startTime ?? 0)).observe("
            "{type: 'paint', buffered: true}))"
        )
        kb = page.evaluate(
            "performance.getEntriesByType('resource').concat("
            "performance.getEntriesByType('navigation'))"
            ".reduce((sum, e) => sum + e.transferSize, 0) / 1024"
        )
        return {"kb": round(kb), "paint_ms": round(paint)}

    def _shoot(self, page: Page, width: int, path: Path) -> None:
        tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        page.set_viewport_size({"width": width, "height": max(tall, 844)})  # bars that stick: last
        shot = page.context.new_cdp_session(page).send(
            "Page.captureScreenshot",
            {
                **(
                    {"format": "png"}
                    if path.suffix == ".png"
                    else {"format": "webp", "quality": 40}
                ),
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": width, "height": max(tall, 1), "scale": 1},
            },
        )
        path.write_bytes(base64.b64decode(shot["data"]))
