"""Intake against a bare Flask + gunicorn handler in the same run, on the same database."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.bench import load, mix

SINGLES, ROUNDS, BATCHES = 1500, 3, 40


def measure() -> dict[str, float]:
    """Singles a second of both, their ratio, and reports a second in batches of 100."""
    from hub.runner.embedded import Postgres, Valkey

    with tempfile.TemporaryDirectory(prefix="hubbench-") as home:
        os.environ.update(HUB_INSTANCE=home)
        postgres, valkey = Postgres(Path(home) / "pg"), Valkey(Path(home) / "valkey")
        os.environ.update(DATABASE_URL=postgres.start(), REDIS_URL=valkey.start())
        try:
            return _measure(_prepare())
        finally:
            valkey.stop()
            postgres.stop()


def _prepare() -> str:
    from sqlalchemy import text

    from hub.config import settings
    from hub.database import engine, session_scope
    from hub.services.installation import schema
    from hub.services.platforms import directory

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    with session_scope() as session:
        secret = directory.register(session, "jd", "京东", "http://127.0.0.1:9/").secret
        session.execute(text("CREATE TABLE bench_row (id text PRIMARY KEY, raw bytea NOT NULL)"))
    return secret


def _measure(secret: str) -> dict[str, float]:
    from hub.runner.sandboxes import free_ports

    bare_port, hub_port = free_ports(2)
    texts = mix.viral(SINGLES)
    bare: list[float] = []
    hub: list[float] = []
    with (
        _gunicorn("tests.bench.baseline:app", bare_port, BENCH_SECRET=secret),
        _gunicorn("wsgi:app", hub_port),
    ):
        for round_ in range(ROUNDS + 1):  # the first warms both up and is not counted
            for port, rates in ((bare_port, bare), (hub_port, hub)):
                singles = [
                    load.request_bytes(
                        "/webhooks/jd", secret, "report.created", _report(f"{round_}-{port}-{i}", t)
                    )
                    for i, t in enumerate(texts)
                ]
                rates.append(SINGLES / load.fire(f"127.0.0.1:{port}", singles))
        batched = [
            load.request_bytes(
                "/webhooks/jd",
                secret,
                "report.batch",
                {"reports": [_report(f"b{b}-{i}", texts[i]) for i in range(100)]},
            )
            for b in range(BATCHES)
        ]
        batch_rate = BATCHES * 100 / load.fire(f"127.0.0.1:{hub_port}", batched, 8)
    ratios = [h / b for h, b in zip(hub[1:], bare[1:], strict=True)]
    return {
        "bare_per_s": round(statistics.median(bare[1:]), 1),
        "single_per_s": round(statistics.median(hub[1:]), 1),
        "single_ratio": round(statistics.median(ratios), 3),
        "batch_100_reports_per_s": round(batch_rate, 1),
    }


def _report(report_id: str, text: str) -> dict:
    return {
        "report_id": report_id,
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": text},
    }


@contextlib.contextmanager
def _gunicorn(app: str, port: int, **env: str) -> Iterator[None]:
    """`app` under the hub's own gunicorn settings."""
    from hub.runner.serve import gunicorn_command

    command = [*gunicorn_command()[:-1], app]
    command[command.index("--bind") + 1] = f"127.0.0.1:{port}"
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=sys.stderr)
    try:
        for _ in range(200):
            with contextlib.suppress(requests.RequestException):
                requests.get(f"http://127.0.0.1:{port}/none", timeout=1)
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(15)
