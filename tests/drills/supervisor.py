"""`python -m hub` alone, with its embedded servers: whichever of its processes is killed with
-9, it is back soon and nobody had to do anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil

from hub.runner.embedded import Postgres, Valkey
from hub.runner.sandboxes import free_ports
from tests.drills.harness import ROOT, Hub, Row, hub, kill_hard, wait_until
from tests.keeper import kept_directory


def run(size: int) -> Row:
    """Kill each kind of process `size` times; healthy means: answers, database and queue too."""
    row = Row("supervisor brings each process back")
    encoder = hub() and os.environ["HUB_ENCODER"]
    with kept_directory("hubdrill-") as home:
        (port,) = free_ports(1)
        env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        log = home / "hub.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "hub", "--bind", f"127.0.0.1:{port}"],
                cwd=ROOT, env={**env, "HUB_INSTANCE": str(home), "HUB_ENCODER": encoder},
                stdout=out, stderr=out,
            )  # fmt: skip
        alone = Hub(
            home, f"127.0.0.1:{port}", Postgres(home / "postgres"), Valkey(home / "valkey"), process
        )
        try:
            wait_until(lambda: "Ctrl-C stops it" in log.read_text("utf-8"), "the hub starts")
            for name in ("postgres", "valkey", "gunicorn", "assess", "deliver", "sweeper") * size:
                _kill(alone, row, name)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return row


def _kill(alone: Hub, row: Row, name: str) -> None:
    victims = _processes(alone, name)
    killed = {process.pid for process in victims}
    kill_hard(*victims)
    began = time.monotonic()
    wait_until(
        lambda: any(p.pid not in killed for p in _processes(alone, name)) and alone.healthy(),
        f"{name} is back",
        60,
    )
    row.tries += 1
    row.worst_s = max(row.worst_s, time.monotonic() - began)


def _processes(alone: Hub, name: str) -> list[psutil.Process]:
    if name == "postgres":
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            return alone.postgres_processes()
        return []
    if name == "valkey":
        with contextlib.suppress(Exception):
            return [psutil.Process(alone.valkey.pid)]
        return []
    return alone.processes(name)
