"""`python -m hub demo`: the hub and five sandbox platforms; live, or headless with a
reconciliation."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub import job_queue
from hub.config import settings
from hub.database import engine, session_scope
from hub.runner import books, officers, sandboxes
from hub.runner.books import SendingResult
from hub.runner.officers import Officer
from hub.runner.sandboxes import Sandbox
from hub.runner.serve import CannotStart, Running, running_hub, stop_signals
from hub.sandbox import data
from hub.services.audit import audit_log
from hub.services.people import accounts, second_factor
from hub.services.rumors import debunk_file, debunks
from models import ENGINEER, ROLES, Platform, User

# Printed at the start of the demo, which listens on loopback only.
PASSWORD = "hub-demo-2020"
SECRET = "HUBDEMOHUBDEMOHUBDEMOHUBDEMO2345"  # of every demo officer's second factor
_NAMES = {
    "clerk": "受理员小陈",
    "handler": "办案员小林",
    "approver": "审批人老周",
    "department": "卫健委小陈",
    "auditor": "审计员小吴",
    "admin": "管理员小郑",
}
QUIET_SECONDS = 120.0  # without progress, after which the demo gives up
PLATFORMS = len(data.NAMES)


@contextlib.contextmanager
def _demo_hub(instance: Path, bind: str) -> Iterator[tuple[Running, dict[str, Sandbox]]]:
    """The hub in `instance` with its officers and the sandbox platforms."""
    if not bind.startswith(("127.0.0.1:", "localhost:")):
        raise CannotStart("the demo has public passwords; it binds to 127.0.0.1 only")
    ports = sandboxes.free_ports(PLATFORMS)
    os.environ["HUB_ENCODER"] = str(settings().encoder)
    os.environ["HUB_INSTANCE"], os.environ["HUB_BIND"] = str(instance), bind
    os.environ.setdefault("HUB_STEP_UP", "off")
    os.environ["HUB_OUTBOUND_ALLOW"] = ",".join(f"127.0.0.1:{port}" for port in ports)
    settings.cache_clear()
    with running_hub() as hub:
        _make_officers()
        _import_debunks()
        started = sandboxes.start(hub.tree, hub.settings.base_url, instance / "sandbox", ports)
        _make_engineers()
        yield hub, started


def _make_officers() -> None:
    with session_scope() as session:
        for role in ROLES:
            if not session.scalar(select(User.id).where(User.username == role)):
                user = accounts.create(session, role, _NAMES[role], role, PASSWORD)
                second_factor.known(session, user, SECRET)
                audit_log.note(session, "demo", "user_created", user=role, role=role)


def _make_engineers() -> None:
    """One login for each platform, named as the platform."""
    with session_scope() as session:
        for platform in session.scalars(select(Platform)):
            if not session.scalar(select(User.id).where(User.username == platform.slug)):
                name = f"{platform.name}工程师"
                accounts.create_engineer(session, platform.slug, name, platform, PASSWORD)
                audit_log.note(session, "demo", "user_created", user=platform.slug, role=ENGINEER)


def _import_debunks() -> None:
    """The sample debunks; the workers match them in the background."""
    records, _ = debunk_file.read(data.DEBUNKS.read_bytes().split(b"\n"))
    with session_scope() as session:
        debunks.keep(session, records)
    job_queue.notify("assess")


def live(auto_officers: bool, rate: float) -> int:
    """The live demo: samples stream in, counts update, until Ctrl-C."""
    stopped = stop_signals()
    try:
        with _demo_hub(settings().instance / "demo", settings().bind) as (hub, platforms):
            _greet(hub, platforms)
            if auto_officers:
                _start_officers(hub.settings.base_url, stopped)
            feeder = threading.Thread(target=_stream, args=(platforms, rate, stopped), daemon=True)
            feeder.start()
            line = _LiveLine()
            while not stopped.wait(1.0):
                hub.watch()
                with contextlib.suppress(SQLAlchemyError):  # away; the hub waits for it, too
                    line.show()
            print("\nstopping...", flush=True)
    except (CannotStart, RuntimeError) as error:
        print(f"hub demo: {error}", file=sys.stderr)
        return 1
    return 0


def _greet(hub: Running, platforms: dict[str, Sandbox]) -> None:
    print(f"\nhub        {hub.settings.base_url}")
    print(f"logins     {', '.join(ROLES)}   password {PASSWORD}")
    print(f"           {', '.join(platforms)}   the same password: a platform's own pages")
    if settings().step_up:
        print(f"codes      python -c \"import pyotp; print(pyotp.TOTP('{SECRET}').now())\"")
    else:
        print("codes      none asked for at approval; HUB_STEP_UP=on asks for them")
    for sandbox in platforms.values():
        print(f"platform   {sandbox.url}  {sandbox.name} ({sandbox.slug})")
    print("Ctrl-C stops everything.\n", flush=True)


class _LiveLine:
    """One line of counts: updated in place on a terminal, printed occasionally elsewhere."""

    def __init__(self) -> None:
        self._last, self._shown = "", 0.0

    def show(self) -> None:
        with Session(engine()) as session:
            n = books.live_counts(session)
        line = (
            f"reports {n['reports']}  cases {n['cases']}  duplicates {n['duplicates']}  "
            f"decisions {n['decisions']}  orders {n['orders']}  delivered {n['delivered']}  "
            f"acknowledged {n['acknowledged']}  executed {n['executed']}  absent {n['absent']}"
        )
        if sys.stdout.isatty():
            print(f"\r{line}\x1b[K", end="", flush=True)
        elif line != self._last and time.monotonic() - self._shown > 5:
            print(line, flush=True)
            self._shown = time.monotonic()
        self._last = line


def _stream(platforms: dict[str, Sandbox], rate: float, stopped: threading.Event) -> None:
    """Send the samples once, at `rate` per second (0: none), with new ids on every start."""
    if rate <= 0:
        return
    run = f"{int(time.time()):x}"
    for sample in data.samples():
        if stopped.wait(1.0 / rate):
            return
        report = {k: v for k, v in sample.items() if k != "platform"}
        report["report_id"] = f"{report['report_id']}-{run}"
        with contextlib.suppress(requests.RequestException):
            platforms[sample["platform"]].forward(report)


def _start_officers(base_url: str, stopped: threading.Event) -> list[threading.Thread]:
    handler = Officer(base_url, "handler", PASSWORD)
    approver = Officer(base_url, "approver", PASSWORD, SECRET)
    return officers.work(handler, approver, stopped)


def headless(file: Path, auto_officers: bool, as_json: bool) -> int:
    """Send a file of reports through a new hub, wait until it is idle, print the counts.

    Returns 0 only if they reconcile; 2 when the file cannot be read.
    """
    try:
        lines = _read(file)
    except (OSError, ValueError) as error:
        print(f"hub demo: {error}", file=sys.stderr)
        return 2
    instance = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    bind = f"127.0.0.1:{sandboxes.free_ports(1)[0]}"
    began = time.monotonic()
    try:
        with _demo_hub(instance, bind) as (hub, platforms):
            result = _run_books(hub, platforms, lines, auto_officers)
    except (CannotStart, RuntimeError) as error:
        print(f"hub demo: {error}; logs in {instance}", file=sys.stderr)
        return 1
    result["seconds"] = round(time.monotonic() - began, 1)
    wrong = books.imbalance(result, PLATFORMS)
    if wrong:
        print(f"the books do not balance: {'; '.join(wrong)}; logs in {instance}", file=sys.stderr)
    else:
        shutil.rmtree(instance, ignore_errors=True)
    print(json.dumps(result, ensure_ascii=False, indent=None if as_json else 1))
    return 1 if wrong else 0


def _read(file: Path) -> list[dict[str, Any] | None]:
    """The objects of a JSON-lines file; None for an invalid line, which is not sent but counted as
    refused. Raises OSError or ValueError."""
    lines: list[dict[str, Any] | None] = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            value = None
            print(f"{file}:{number}: not JSON ({error}); refused", file=sys.stderr)
        lines.append(value if isinstance(value, dict) else None)
    if not lines:
        raise ValueError(f"{file} has no lines")
    return lines


def _run_books(
    hub: Running, platforms: dict[str, Sandbox], lines: list[dict | None], auto_officers: bool
) -> dict[str, Any]:
    stopped = threading.Event()
    threads = _start_officers(hub.settings.base_url, stopped) if auto_officers else []
    sent = SendingResult()
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty()) as bar:
        _send_all(lines, platforms, sent, bar)
        left = _wait_until_quiet(hub, auto_officers, bar)
    stopped.set()
    for thread in threads:
        thread.join(30)
    states = {slug: sandbox.state() for slug, sandbox in platforms.items()}
    sent.settle(states)
    with Session(engine()) as session:
        held = books.ledger(session)
    p99 = held.pop("p99_receive_to_case_s")
    return {
        **{name: getattr(sent, name) for name in ("sent", "accepted", "refused", "quarantined")},
        **held,
        "lost": books.lost(sent, platforms, hub.settings.base_url),
        "executed_twice": sum(s["executed_twice"] for s in states.values()),
        "seconds": 0.0,
        "p99_receive_to_case_s": p99,
        **({"unfinished": left} if left else {}),
    }


def _send_all(
    lines: list[dict | None], platforms: dict[str, Sandbox], sent: SendingResult, bar: Progress
) -> None:
    task = bar.add_task("reports", total=len(lines))
    lock = threading.Lock()

    def send(line: dict | None) -> None:
        slug = data.slug_of((line or {}).get("platform"))
        status, answer, report_id = 0, None, None
        if line is not None and slug is not None:
            report = {k: v for k, v in line.items() if k != "platform"}
            report_id = report.get("report_id")
            answered = platforms[slug].forward(report)
            status, answer = answered["status"], answered["body"]
        elif line is not None:
            print(f"no platform {line.get('platform')!r}; refused", file=sys.stderr)
        with lock:
            sent.count(slug or "", report_id, status, answer)
        bar.advance(task)

    with ThreadPoolExecutor(2 * PLATFORMS) as pool:
        list(pool.map(send, lines))


def _wait_until_quiet(hub: Running, auto_officers: bool, bar: Progress) -> dict[str, int]:
    """Wait until nothing is left to do; returns what is left when there is no more progress."""
    task = bar.add_task("until quiet", total=None)
    left: dict[str, int] = {"start": 1}
    progress_at = time.monotonic()
    while left and time.monotonic() - progress_at < QUIET_SECONDS:
        hub.watch()
        with Session(engine()) as session:
            now = books.unfinished(session, auto_officers)
        if now != left:
            left, progress_at = now, time.monotonic()
        bar.update(task, description=f"left {left or 'nothing'}")
        time.sleep(0.2)
    return left
