"""The demo as a stranger runs it: balances its books, stops cleanly, survives kill -9."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from hub.sandbox import data

ROOT = Path(__file__).resolve().parents[3]


def environment(home: Path, instance: Path) -> dict[str, str]:
    """What a fresh shell has: no database, no queue server named."""
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    return {**env, "HUB_INSTANCE": str(home), "TMPDIR": str(home)}


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that names `home` in its command, environment or working directory."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values(), process.cwd()]
        except psutil.Error:
            continue
        if any(str(home) in w for w in words) and process.pid != os.getpid():
            found.append(process)
    return found


@pytest.fixture
def home(instance):
    made = Path(tempfile.mkdtemp(prefix="hubrun-"))
    yield made
    for process in processes_of(made):
        process.kill()


def test_a_file_of_reports_goes_the_whole_way_and_the_books_balance(home, instance):
    """The main job: reports in, two officers, orders out, every platform answers."""
    lines = data.samples()[:40]
    wrong_kind = {**lines[0], "report_id": "wrong-1", "kind": "gossip"}
    file = home / "reports.jsonl"
    file.write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in [*lines, wrong_kind])
        + '\nnot json\n{"platform": "nobody", "report_id": "1"}\n',
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--reports", str(file),
         "--officers", "auto", "--json"],
        cwd=ROOT, env=environment(home, instance), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = done.stdout.splitlines()
    books = json.loads(line)
    assert (books["sent"], books["accepted"], books["refused"]) == (43, 40, 2)
    assert books["quarantined"] == 1
    assert books["lost"] == books["executed_twice"] == 0
    assert books["cases"] + books["duplicates"] == books["accepted"]
    assert books["decisions"] > 0 and books["orders"] == 5 * books["decisions"]
    assert books["delivered"] == books["acknowledged"] == books["orders"]
    assert books["executed"] > 0 and books["absent"] > 0
    assert "not json" in done.stderr.lower() and "nobody" in done.stderr
    assert processes_of(home) == []


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_or_empty_file_is_named(home, instance, content):
    file = home / "none.jsonl"
    if content is not None:
        file.write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "hub", "demo", "--reports", str(file), "--json"],
        cwd=ROOT, env=environment(home, instance), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "none.jsonl" in done.stderr and done.stdout == ""


def start(home: Path, instance: Path, port: int) -> subprocess.Popen:
    log = home / "out.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "--bind", f"127.0.0.1:{port}", "demo", "--rate", "0"],
            cwd=ROOT, env=environment(home, instance), stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + 90
    while "Ctrl-C stops" not in log.read_text("utf-8"):
        assert time.monotonic() < deadline and process.poll() is None, log.read_text("utf-8")
        time.sleep(0.1)
    return process


def test_after_kill_9_of_everything_it_starts_again_and_ctrl_c_leaves_nothing(home, instance):
    from hub.runner.sandboxes import free_ports

    (port,) = free_ports(1)
    start(home, instance, port)
    for process in processes_of(home):
        with contextlib.suppress(psutil.NoSuchProcess):  # some end with their parent
            process.kill()
    deadline = time.monotonic() + 10
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    again = start(home, instance, port)
    second = subprocess.run(
        [sys.executable, "-m", "hub", "--bind", f"127.0.0.1:{port}", "demo"],
        cwd=ROOT, env=environment(home, instance), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert second.returncode == 1 and "another hub runs" in second.stderr
    again.send_signal(signal.SIGINT)
    assert again.wait(60) == 0
    assert processes_of(home) == []
    assert not list(home.rglob("postmaster.pid"))
