"""The disk under the database fills up: senders hear 503, no receipt is given for what is not
stored, and the hub goes on by itself when there is room again."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from hub.runner.embedded import Postgres, Valkey
from hub.runner.sandboxes import free_ports
from tests.drills.harness import ROOT, Hub, Row, hub, settings_of, wait_until
from tests.drills.platform import Flow
from tests.keeper import kept_directory

ROOM = "400m"  # of the file system the database lives on, where one may be mounted


def run(size: int) -> Row:
    """Fill the disk `size` times."""
    row = Row("disk full")
    hub()  # for the encoder's place
    with (
        kept_directory("hubdrill-") as home,
        _small_disk(home / "demo" / "postgres") as kind,
        _hub_on(home) as house,
    ):
        with Flow(house, threads=2, pause=0.02) as flow:
            for _ in range(size):
                _once(house, flow, row, kind)
        flow.balance(row)
        flow.settle(row)
    row.figures = {"by": kind, "heard_503": flow.answers[503]}
    return row


def _once(house: Hub, flow: Flow, row: Row, kind: str) -> None:
    began = time.monotonic()
    wait_until(lambda: flow.flows(began), "reports flow", 60)
    heard = flow.answers[503]
    with _full(house, kind):
        wait_until(lambda: flow.answers[503] > heard + 5, "senders hear 503", 90)
        time.sleep(3)
    room = time.monotonic()
    wait_until(lambda: flow.flows(room), "intake is back", 90)
    row.worst_s = max(row.worst_s, flow.last_yes - room)


@contextlib.contextmanager
def _small_disk(place: Path) -> Iterator[str]:
    """A file system of its own for the database, where this user may mount one."""
    place.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=700", "hubdrill", str(place)]
    with contextlib.suppress(OSError):
        if subprocess.run(mount, capture_output=True).returncode == 0:
            try:
                yield "ENOSPC"
            finally:
                subprocess.run(["umount", "-l", str(place)], capture_output=True)
            return
    yield "EFBIG"


@contextlib.contextmanager
def _full(house: Hub, kind: str) -> Iterator[None]:
    """No byte more: the file system is filled, or no file of the server may grow."""
    if kind == "ENOSPC":
        ballast = house.postgres.directory / "ballast"
        keep_full = True
        with ballast.open("wb", buffering=0) as file:
            while keep_full:
                try:
                    file.write(b"\0" * (1 << 16))
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                    keep_full = False
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * 512)
        try:
            yield
        finally:
            ballast.unlink()
        return
    _grow(house, 1)
    try:
        yield
    finally:
        _grow(house, resource.RLIM_INFINITY)


def _grow(house: Hub, limit: int) -> None:
    with contextlib.suppress(psutil.Error):
        for process in house.postgres_processes():
            with contextlib.suppress(psutil.Error):
                process.rlimit(psutil.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


@contextlib.contextmanager
def _hub_on(home: Path) -> Iterator[Hub]:
    """A demo of its own, with its own embedded servers."""
    (port,) = free_ports(1)
    bind, log = f"127.0.0.1:{port}", home / "demo.log"
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--bind", bind, "demo", "--rate", "0"],
            cwd=ROOT, env={**env, "HUB_INSTANCE": str(home)}, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    place = home / "demo"
    house = Hub(home, bind, Postgres(place / "postgres"), Valkey(place / "valkey"), process)
    try:
        wait_until(lambda: "Ctrl-C stops" in log.read_text("utf-8"), "the hub starts")
        servers = json.loads((place / "servers.json").read_text("utf-8"))
        with settings_of({"HUB_INSTANCE": str(place), **servers}):
            yield house
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
