"""A directory whose servers and hubs never outlive the process that made it.

A test run, a drill or a bench may be killed with -9 at any moment, and what it started lives in
sessions of its own. So a small watcher stands beside it: `python -m tests.keeper DIR`. When the
run has ended, however it ended, the watcher kills whatever still names the directory in its
command line, its environment or its working directory, and removes the directory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def kept_directory(prefix: str) -> Iterator[Path]:
    """A fresh directory; at the end of the block, or of this process, it and all that runs
    in it are gone."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    watcher = subprocess.Popen(
        [sys.executable, "-m", "tests.keeper", str(directory)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield directory
    finally:
        assert watcher.stdin
        watcher.stdin.close()  # the kernel does the same when this process is killed
        watcher.wait(60)


def residents(directory: Path) -> list[psutil.Process]:
    """Every process but this one that lives in `directory`."""
    found = []
    for process in psutil.process_iter():
        # PostgreSQL writes its title over its environment; its working directory stays.
        with contextlib.suppress(psutil.Error, OSError):
            named = [process.cwd(), *process.cmdline(), *process.environ().values()]
            if process.pid != os.getpid() and any(str(directory) in name for name in named):
                found.append(process)
    return found


def clear(directory: Path) -> None:
    """Kill what lives in `directory`, supervisors with their children, and remove it."""
    for _ in range(20):
        left = residents(directory)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)
        if not left:
            break
    for line in Path("/proc/mounts").read_text().splitlines() if sys.platform == "linux" else ():
        if (place := line.split()[1]).startswith(f"{directory}/"):
            subprocess.run(["umount", "-l", place], capture_output=True)
    shutil.rmtree(directory, ignore_errors=True)


def main(directory: Path) -> int:
    """Wait for the end of the one who holds the other end of stdin, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    clear(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
