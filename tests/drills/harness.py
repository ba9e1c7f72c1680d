"""What every drill stands on: servers of its own, a whole hub beside them, and a stopwatch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests

from hub.runner.embedded import Postgres, Valkey
from hub.runner.sandboxes import Sandbox, free_ports
from tests.keeper import kept_directory

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds a drill waits for something that must happen


class Failed(Exception):
    """A promise did not hold; says which."""


@dataclass
class Row:
    """What came of one drill. `worst_s`: longest time until service was back, in seconds."""

    drill: str
    tries: int = 0
    lost: int = 0
    doubled: int = 0
    worst_s: float = 0.0
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def check(self, held: bool, otherwise: str) -> None:
        """Note a promise that did not hold."""
        if not held:
            self.wrong.append(otherwise)

    def add(self, part: Row) -> None:
        """Count what another row counted."""
        self.tries += part.tries
        self.lost += part.lost
        self.doubled += part.doubled
        self.worst_s = max(self.worst_s, part.worst_s)
        self.wrong += part.wrong

    @property
    def kept(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def wait_until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> float:
    """Seconds until `holds()` is true. Raises Failed when it does not become true in time."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise Failed(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def kill_hard(*processes: psutil.Process) -> None:
    """SIGKILL, and wait until they are gone (or at least no more than a zombie)."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)


@dataclass
class Hub:
    """A running hub with five sandbox platforms, on servers that the drill can break."""

    home: Path
    bind: str
    postgres: Postgres
    valkey: Valkey
    process: subprocess.Popen[bytes]
    platforms: dict[str, Sandbox] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return f"http://{self.bind}"

    def secret(self, slug: str) -> str:
        """What a platform signs with."""
        file = self.home / "demo" / "sandbox" / f"{slug}.json"
        return json.loads(file.read_text("utf-8"))["secret"]

    def processes(self, *words: str) -> list[psutil.Process]:
        """The hub's own processes with all these words in their command line."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if all(word in process.cmdline() for word in words):
                    found.append(process)
        return found

    def healthy(self) -> bool:
        """Whether the web process answers and reaches its database."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.base_url}/healthz", timeout=2).status_code == 200
        return False

    def postgres_processes(self) -> list[psutil.Process]:
        """The postmaster, first, and its children."""
        pid = int((self.postgres.directory / "postmaster.pid").read_text().split("\n")[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def kill_postgres(self) -> list[psutil.Process]:
        """SIGKILL the whole server; returns its processes. The postmaster is stopped first: a
        child that it started meanwhile would be missed, and hold its memory for good."""
        self.postgres_processes()[0].suspend()
        killed = self.postgres_processes()
        kill_hard(*killed)
        return killed


_running: list[tuple[Hub, contextlib.ExitStack]] = []


def hub() -> Hub:
    """The hub of this run of drills, started when first asked for."""
    if not _running:
        stack = contextlib.ExitStack()
        try:
            _running.append((_start(stack), stack))
        except BaseException:
            stack.close()
            raise
    return _running[0][0]


def close() -> None:
    """Stop it, if it was started, and put this process's settings back."""
    while _running:
        _running.pop()[1].close()


def _start(stack: contextlib.ExitStack) -> Hub:
    home = stack.enter_context(kept_directory("hubdrill-"))
    postgres, valkey = Postgres(home / "pg"), Valkey(home / "valkey")
    stack.callback(postgres.stop)
    stack.callback(valkey.stop)
    (port,) = free_ports(1)
    bind = f"127.0.0.1:{port}"
    encoder = os.environ.get("HUB_ENCODER", str(ROOT / "instance" / "encoder"))
    names = {
        "HUB_INSTANCE": str(home),
        "HUB_ENCODER": encoder,
        "DATABASE_URL": postgres.start(),
        "REDIS_URL": valkey.start(),
    }
    log = home / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--bind", bind, "demo", "--rate", "0"],
            cwd=ROOT, env={**os.environ, **names}, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    stack.callback(_stop, process)
    wait_until(lambda: "Ctrl-C stops" in log.read_text("utf-8"), "the hub starts")
    started = Hub(home, bind, postgres, valkey, process)
    ports = []
    for file in sorted((home / "demo" / "sandbox").glob("*.json")):
        c = json.loads(file.read_text("utf-8"))
        started.platforms[file.stem] = Sandbox(
            file.stem, c["name"], c["port"], c["token"], c["control_token"]
        )
        ports.append(f"127.0.0.1:{c['port']}")
    names["HUB_INSTANCE"] = str(home / "demo")
    stack.enter_context(settings_of({**names, "HUB_OUTBOUND_ALLOW": ",".join(ports)}))
    return started


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


@contextlib.contextmanager
def settings_of(names: dict[str, str]) -> Iterator[None]:
    """This process uses these settings, then its own again."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        _forget()


def _forget() -> None:
    from hub import job_queue
    from hub.config import settings
    from hub.database import dispose, forget_engines
    from hub.services.platforms import keys, rate_limits

    dispose()
    forget_engines()
    for cached in (settings, job_queue.connection, keys._vault):
        cached.cache_clear()
    keys._access_cache.clear()
    rate_limits.forget()


@contextlib.contextmanager
def aside(name: str, **names: str) -> Iterator[None]:
    """An empty migrated database and a queue server's corner of its own, beside the hub's: for
    drills that would disturb, or be disturbed."""
    from sqlalchemy import create_engine, make_url, text

    from hub.database import engine
    from hub.services.installation import schema

    owner = create_engine(os.environ["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(os.environ["DATABASE_URL"]).set(database=name)
    here = {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "REDIS_URL": os.environ["REDIS_URL"].split("?")[0] + "?db=1",
        **names,
    }
    with settings_of(here):
        schema.upgrade(engine())
        try:
            yield
        finally:
            engine().dispose()
    with owner.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    owner.dispose()


def part(*words: str) -> subprocess.Popen[bytes]:
    """One part of a hub, or a script of a drill, under this process's settings."""
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, env=dict(os.environ),
        stdout=subprocess.DEVNULL, stderr=sys.stderr, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@contextlib.contextmanager
def parts(*commands: tuple[str, ...]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Parts that end with the block."""
    started = [part(*words) for words in commands]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
