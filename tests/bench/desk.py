"""`make bench-desk`: the desk with a million reports and twenty officers at once.

Starts a hub of its own, fills it, lets officers read pages over HTTP with pauses as people make
them, and looks at the slowest statements, the weight of a page, its first paint and at an
officer who clears a hundred lines by keyboard. The last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.keeper import ROOT, kept_directory

PASSWORD = "hub-bench-2020"
OFFICERS = 20
SLOW_MS = 50
_CASE = re.compile(r'class="case-link" href="/cases/(\d+)"')
_WORDS = ("口罩", "编号777", "shop-250", "C123", "面粉 海州", "喝酒精水", "从321元", "商行")


def measure(reports: int, seconds: float, kept: Path | None = None) -> dict[str, Any]:
    """All figures of one run; times in ms unless the name says otherwise.

    In `kept` the filled hub stays for the next run, which then measures at once; with no
    seconds it is filled alone.
    """
    from hub.runner.sandboxes import free_ports
    from hub.runner.serve import running_hub

    with _home(kept) as home:
        os.environ |= {
            "HUB_INSTANCE": str(home),
            "HUB_BIND": f"127.0.0.1:{free_ports(1)[0]}",
            "HUB_ENCODER": os.environ.get("HUB_ENCODER", str(ROOT / "instance" / "encoder")),
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        with running_hub() as hub:
            began = time.monotonic()
            _fill_once(home, reports)
            figures: dict[str, Any] = {
                "reports": reports,
                "officers": OFFICERS,
                "cores": os.cpu_count(),
                "load_before": round(os.getloadavg()[0], 1),
                "seed_s": round(time.monotonic() - began, 1),
            }
            if not seconds:
                return figures
            _vacuum()
            before = _logs(home)
            _log_slow()
            figures |= _read(hub.settings.base_url, seconds)
            figures |= _slow(home, before)
            figures |= _browse(hub.settings.base_url)
    return figures


@contextlib.contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with kept_directory("hubdesk-") as home:
            yield home
    else:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()


def _fill_once(home: Path, reports: int) -> None:
    mark = home / "filled"
    if not mark.exists():
        _fill(reports)
        mark.write_text(str(reports), "utf-8")
    elif mark.read_text("utf-8") != str(reports):
        raise SystemExit(f"{home} is filled with {mark.read_text('utf-8')} reports")


def _fill(reports: int) -> None:
    from click.testing import CliRunner

    from hub import create_app
    from hub.cli.installation import seed

    with create_app().app_context():
        asked = ["--scale", "--database", "postgres", "--password", PASSWORD]
        asked += ["--reports", str(reports)]
        done = CliRunner().invoke(seed, asked, catch_exceptions=False)
    if done.exit_code:
        raise SystemExit(done.output)


def _logs(home: Path) -> dict[Path, str]:
    """What PostgreSQL wrote down so far, by file."""
    files = (home / "postgres").glob("**/*log*")
    return {each: each.read_text("utf-8", "replace") for each in files if each.is_file()}


def _vacuum() -> None:
    """What autovacuum does some minutes after a filling or a migration."""
    from sqlalchemy import text

    from hub.database import autocommit

    with autocommit() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text('VACUUM (ANALYZE) report, "case", wording'))


def _log_slow() -> None:
    """From now on PostgreSQL writes down what took longer than SLOW_MS."""
    from sqlalchemy import text

    from hub.database import autocommit

    with autocommit() as connection:
        connection.execute(text(f"ALTER SYSTEM SET log_min_duration_statement = {SLOW_MS}"))
        connection.execute(text("ALTER SYSTEM SET log_parameter_max_length = 60"))
        connection.execute(text("SELECT pg_reload_conf()"))


def _slow(home: Path, before: dict[Path, str]) -> dict[str, Any]:
    """The statements that since took longer than SLOW_MS, the slowest of each once."""
    worst: dict[str, float] = {}
    for file, said in _logs(home).items():
        new = said[len(before.get(file, "")) :]
        for ms, what in re.findall(r"duration: ([0-9.]+) ms  \w+ ?[^:]*: (.{0,400})", new, re.S):
            short = " ".join(what.split())[:160]
            worst[short] = max(worst.get(short, 0.0), float(ms))
    ranked = sorted(worst.items(), key=lambda pair: -pair[1])[:8]
    return {
        f"statements_over_{SLOW_MS}_ms": len(worst),
        "slowest_statements": [{"ms": round(ms), "sql": what} for what, ms in ranked],
    }


def _read(base_url: str, seconds: float) -> dict[str, Any]:
    """OFFICERS threads, each a person: thinks, opens a page, and so on; nobody begins at the same
    moment.

    A page took from its request to its last byte. What reads it costs next to nothing: twenty
    browsers would not run on the server's two cores.
    """
    from hub.runner.officers import Officer

    people = [Officer(base_url, f"clerk{n}", PASSWORD) for n in range(1, OFFICERS + 1)]
    taken: dict[str, list[float]] = defaultdict(list)
    lock, until = threading.Lock(), time.monotonic() + seconds

    def work(number: int, officer: Officer) -> None:
        draw = random.Random(number)
        cases = officer.read("/queue").cases
        while time.monotonic() < until:
            time.sleep(draw.uniform(1, 3))
            name, path = page_of(draw, cases)
            began = time.perf_counter()
            answer = officer.http.get(base_url + path, timeout=60)
            took = (time.perf_counter() - began) * 1000
            answer.raise_for_status()
            cases = cases_in(answer.text) or cases
            with lock:
                taken[name].append(took)

    threads = [threading.Thread(target=work, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pages = {
        name: {
            "n": len(values),
            "p50_ms": round(statistics.median(values)),
            "p95_ms": round(sorted(values)[int(len(values) * 0.95)]),
        }
        for name, values in sorted(taken.items())
    }
    return {"pages": pages, "p95_ms": max(p["p95_ms"] for p in pages.values())}


def cases_in(page: str) -> list[int]:
    """The cases that a page of the queue leads to."""
    return [int(id_) for id_ in _CASE.findall(page)]


def page_of(draw: random.Random, cases: list[int]) -> tuple[str, str]:
    kind = draw.random()
    if kind < 0.3:
        return "queue", f"/queue?page={draw.randint(1, 5)}"
    if kind < 0.4:
        state = draw.choice(["proposed", "dismissed", "all"])
        return "tab", f"/queue?state={state}"
    if kind < 0.5:
        return "filtered", draw.choice(["/queue?platform=suning", "/queue?region=13&clock=soon"])
    if kind < 0.7:
        return "search", f"/queue?q={draw.choice(_WORDS)}"
    return "case", f"/cases/{draw.choice(cases or [1])}"


def _browse(base_url: str) -> dict[str, Any]:
    """Weight and first paint of the queue, and a hundred lines cleared by keyboard."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        return {"browser": "none"}
    from playwright.sync_api import sync_playwright

    from tests.shots.camera import FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(base_url + "/login")
        page.fill("#username", "handler1")
        page.fill("#password", PASSWORD)
        page.click("#form-login button")
        page.wait_for_selector("table.queue")
        figures = _paint(browser, page, base_url) | _clear(page)
        browser.close()
    return figures


def _paint(browser: Any, page: Any, base_url: str) -> dict[str, Any]:
    """Of a browser that knows nothing of the hub yet, but is logged in."""
    context = browser.new_context(storage_state=page.context.storage_state())
    fresh = context.new_page()
    fresh.goto(base_url + "/queue", wait_until="load")
    weight = fresh.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".reduce((sum, e) => sum + e.transferSize, 0)"
    )
    asked = "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"
    while not (paints := fresh.evaluate(asked)):  # told a moment after it is seen
        fresh.wait_for_timeout(50)
    context.close()
    return {"weight_kb": round(weight / 1024, 1), "first_paint_ms": round(paints[0])}


def _clear(page: Any, lines: int = 100) -> dict[str, Any]:
    """Tick every line, dismiss a page with a reason, until `lines` are done."""
    keystrokes, cleared, began = 0, 0, time.monotonic()
    reason = "重复"

    def press(key: str) -> None:
        nonlocal keystrokes
        page.keyboard.press(key)
        keystrokes += 1

    while cleared < lines:
        rows = min(page.locator("[name=pick]").count(), lines - cleared)
        for _ in range(rows):
            press("j")
            press("x")
        press("d")
        page.keyboard.insert_text(reason)
        keystrokes += len(reason)
        with page.expect_navigation():
            press("Enter")
        page.wait_for_selector("[role=status]")
        assert f"{rows} 件" in page.inner_text("[role=status]"), page.inner_text("main")
        cleared += rows
    seconds = time.monotonic() - began
    return {"keyboard": {"lines": cleared, "keystrokes": keystrokes, "seconds": round(seconds, 1)}}


def main() -> None:
    """Print what was measured; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.desk", description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--home", type=Path, help="keep the filled hub here for the next run")
    parser.add_argument("--out", type=Path, help="keep the JSON here too")
    options = parser.parse_args()
    figures = measure(options.reports, options.seconds, options.home)
    print(json.dumps(figures, ensure_ascii=False, indent=1), file=sys.stderr)
    line = json.dumps(figures, ensure_ascii=False)
    if options.out:
        options.out.write_text(line + "\n", "utf-8")
    print(line)


if __name__ == "__main__":
    main()
