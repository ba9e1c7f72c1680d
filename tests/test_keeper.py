"""A run that is killed leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.keeper import ROOT, kept_directory, residents

# A run with a server in a session of its own and PostgreSQL, which goes its own ways.
RUN = """
import subprocess, sys, time
from hub.runner.embedded import Postgres
from tests.keeper import kept_directory
with kept_directory("hubtest-") as directory:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", str(directory)],
                     start_new_session=True)
    Postgres(directory / "pg").start()
    print(directory, flush=True)
    time.sleep(600)
"""


def test_a_killed_run_leaves_no_process_and_no_file():
    run = subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE)
    directory = Path(run.stdout.readline().decode().strip())
    run.stdout.close()
    assert len(residents(directory)) > 2  # the watcher, the sleeper, the postmaster, its children
    run.kill()
    run.wait()
    until = time.monotonic() + 60
    while residents(directory) or directory.exists():
        assert time.monotonic() < until, residents(directory)
        time.sleep(0.05)


def test_a_run_that_ends_well_leaves_nothing_either():
    with kept_directory("hubtest-") as directory:
        (directory / "file").write_text("x")
        sleeper = subprocess.Popen(
            ["sleep", "600"], env={**os.environ, "HUB_INSTANCE": str(directory / "demo")}
        )
    assert not directory.exists()
    assert sleeper.wait(10) == -9
