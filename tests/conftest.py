"""Real parts for every test: embedded PostgreSQL and Valkey, one pair per test process."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog

from tests.keeper import kept_directory

ROOT = Path(__file__).resolve().parent.parent
# Before numpy is loaded: several of these processes share few processors already, and a second
# thread that spins for work takes it from the next process.
for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
# rich, where it is installed, would print every local variable of every frame: half a minute for
# a test in which a worker fails five times with its models loaded.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from tests.scheduling import longest_first

    longest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.scheduling import ByFile

    return ByFile(config, log)


@pytest.fixture(scope="session")
def instance() -> Iterator[Path]:
    """An instance directory of this test process; its path is short for Unix sockets."""
    with kept_directory("hubtest-") as directory:
        os.environ["HUB_INSTANCE"] = str(directory)
        # One key for every run: which cases are drawn for review hangs on it.
        (directory / "secret.key").write_text("7" * 64)
        encoder = str(ROOT / "instance" / "encoder")
        os.environ["HUB_ENCODER"] = os.environ.get("HUB_ENCODER", encoder)
        yield directory


@pytest.fixture(scope="session")
def database_url(instance: Path) -> Iterator[str]:
    """A migrated database."""
    from sqlalchemy import create_engine

    from hub.runner.embedded import Postgres
    from hub.services.installation import schema
    from tests import tables

    server = Postgres(instance / "pg")
    url = server.start()
    os.environ["DATABASE_URL"] = url
    forget_settings()
    engine = create_engine(url)
    tables.careless(engine)
    schema.upgrade(engine)
    engine.dispose()
    yield url
    server.stop()


@pytest.fixture(autouse=True)
def locks_in_order() -> Iterator[list[str]]:
    """No transaction of a test, of whatever thread, waits for another under the audit chain."""
    from tests.lock_order import watched

    with watched() as broken:
        yield broken
    assert broken == []


@pytest.fixture(scope="session")
def redis_url(instance: Path) -> Iterator[str]:
    """A Valkey of this test process."""
    from hub.runner.embedded import Valkey

    server = Valkey(instance / "valkey")
    url = server.start()
    os.environ["REDIS_URL"] = url
    forget_settings()
    yield url
    server.stop()


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """argon2 at its cheapest: tests are about who may log in, not about its cost."""
    from argon2 import PasswordHasher

    from hub.services.people import accounts

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", hasher)
        patch.setattr(accounts, "_NOBODY", hasher.hash("nobody"))
        yield


@pytest.fixture
def clean_db(database_url: str, redis_url: str, quick_hashes: None) -> Iterator[None]:
    """Every table empty, no key cached, no notification pending."""
    from hub import job_queue
    from hub.database import engine
    from hub.services.platforms import keys, rate_limits
    from tests import tables

    tables.empty(engine())
    keys._access_cache.clear()
    rate_limits.forget()
    job_queue.connection().flushall()
    yield


@pytest.fixture
def session(clean_db: None):
    """A session on the clean database; the test commits what others must see."""
    from sqlalchemy.orm import Session

    from hub.database import engine

    with Session(engine(), expire_on_commit=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def built_app(database_url: str, redis_url: str):
    """The web application, built and its templates compiled once: half a second for each test."""
    from hub import create_app

    application = create_app()
    application.config["TESTING"] = True
    return application


@pytest.fixture
def app(built_app, clean_db: None):
    """The web application on the clean database; no test may change it for the next."""
    return built_app


@pytest.fixture
def client(app):
    """A browser without JavaScript."""
    return app.test_client()


def forget_settings() -> None:
    from hub import job_queue
    from hub.config import settings
    from hub.database import forget_engines

    forget_engines()
    for cached in (settings, job_queue.connection):
        cached.cache_clear()


@pytest.fixture(scope="session")
def live_hub(instance: Path) -> Iterator[LiveHub]:
    """The whole hub and its five sandbox platforms, as `python -m hub demo` starts them."""
    with kept_directory("hublive-") as home:
        yield from _live_hub(home)


def _live_hub(home: Path) -> Iterator[LiveHub]:
    import json
    import signal
    import subprocess
    import sys

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    env["HUB_INSTANCE"] = str(home)
    with (home / "demo.log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--bind", bind, "demo", "--rate", "0"],
            cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        hub = LiveHub(f"http://{bind}", home, process.pid)
        hub.wait()
        for file in sorted((home / "demo" / "sandbox").glob("*.json")):
            hub.sandboxes[file.stem] = json.loads(file.read_text("utf-8"))
        yield hub
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@dataclass
class LiveHub:
    """A running demo, spoken to over HTTP alone."""

    base_url: str
    home: Path
    pid: int
    sandboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    password: str = "hub-demo-2020"

    def wait(self, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while "Ctrl-C stops" not in (self.home / "demo.log").read_text("utf-8"):
            assert time.monotonic() < deadline, (self.home / "demo.log").read_text("utf-8")
            time.sleep(0.1)

    @property
    def logins(self) -> dict[str, tuple[str, str]]:
        roles = ("clerk", "handler", "approver", "auditor", "admin")
        return {role: (role, self.password) for role in roles}

    def control(self, platform: str, path: str, data: dict | None = None) -> dict[str, Any]:
        """GET, or POST `data`, at a sandbox's control door."""
        config = self.sandboxes[platform]
        answer = requests.request(
            "GET" if data is None else "POST",
            f"http://127.0.0.1:{config['port']}/control/{path}",
            json=data,
            headers={"X-Sandbox-Token": config["control_token"]},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def send_report(self, platform: str, data: dict[str, Any]) -> dict[str, Any]:
        """Have a sandbox platform send one report; {"status", "body", "webhook_id"}."""
        return self.control(platform, "reports", data)

    def report_state(self, platform: str, report_id: str) -> dict[str, Any]:
        """The report as its platform reads it back."""
        token = self.sandboxes[platform]["token"]
        answer = requests.get(
            f"{self.base_url}/api/v1/reports/{report_id}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()

    def settled(self, platform: str, report_id: str, seconds: float = 30) -> dict[str, Any]:
        """Wait until the report found its case."""
        deadline = time.monotonic() + seconds
        while (state := self.report_state(platform, report_id))["status"] == "received":
            assert time.monotonic() < deadline, state
            time.sleep(0.1)
        return state
