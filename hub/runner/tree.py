"""A process tree: children are started, watched, restarted, and stopped in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()
STOP_SECONDS = 6.0  # for a child to finish; leases make killing it safe
STEADY_SECONDS = 5.0  # a child that ran this long restarts without backoff
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child: end when the parent dies, however it dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process and how to start it."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0  # consecutive exits soon after the start
    next_start: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C reaches only the root, which stops the tree
                preexec_fn=_die_with_parent,
            )


@dataclass
class Tree:
    """The running children, in the order they were started."""

    logs: Path
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, command: list[str], env: dict[str, str] | None = None) -> Child:
        """Start a child; its output goes to `<logs>/<name>.log`."""
        child = Child(name, command, env or {}, self.logs / f"{name}.log")
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Restart children that have ended by themselves, with exponential backoff."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            if child.next_start == 0.0:
                child.failures = 0 if now - child.started > STEADY_SECONDS else child.failures + 1
                wait = min(0.5 * 2 ** min(child.failures, 6), 30.0)
                log.warning("child_ended", child=child.name, status=child.process.returncode)
                child.next_start = now + wait
            elif now >= child.next_start:
                child.next_start = 0.0
                child.start()

    def stop(self) -> None:
        """Stop all, last started first; kill those that do not end in time."""
        for child in reversed(self.children):
            if child.process and child.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self.children.clear()
