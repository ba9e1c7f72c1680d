"""`python -m hub` alone, with its embedded servers: whichever of its processes is killed with
-9, it is back soon and nobody had to do anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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
        env["HUB_INSTANCE"], env["HUB_ENCODER"] = str(home), encoder
        process = _started(home, port, env)
        try:
            for _ in range(size):
                for name in ("postgres", "valkey", "gunicorn", "assess", "deliver", "sweeper"):
                    _kill(_alone(home, port, process), row, name)
                process = _kill_parent(home, port, process, env, row)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return row


def _started(home: Path, port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    log = home / "hub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT, env=env, stdout=out, stderr=out,
        )  # fmt: skip
    wait_until(lambda: "Ctrl-C stops it" in log.read_text("utf-8"), "the hub starts")
    return process


def _alone(home: Path, port: int, process: subprocess.Popen[bytes]) -> Hub:
    postgres, valkey = Postgres(home / "postgres"), Valkey(home / "valkey")
    return Hub(home, f"127.0.0.1:{port}", postgres, valkey, process)


def _kill_parent(
    home: Path, port: int, process: subprocess.Popen[bytes], env: dict[str, str], row: Row
) -> subprocess.Popen[bytes]:
    """The parent alone dies: its children end with it, and a new one finds the servers."""
    children = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    began = time.monotonic()
    ours = [child for child in children if "-m" in _words(child)]  # not the servers
    psutil.wait_procs(ours, timeout=30)
    row.check(not any(child.is_running() for child in ours), "a child outlives its parent")
    again = _started(home, port, env)
    wait_until(_alone(home, port, again).healthy, "a new parent serves", 60)
    row.tries += 1
    row.worst_s = max(row.worst_s, time.monotonic() - began)
    return again


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def _kill(alone: Hub, row: Row, name: str) -> None:
    victims = alone.kill_postgres() if name == "postgres" else _processes(alone, name)
    kill_hard(*victims)
    killed = {process.pid for process in victims}
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
