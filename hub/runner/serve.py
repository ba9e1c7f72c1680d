"""The whole hub as one process tree: servers, web, workers, sweeper."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests
import structlog

from hub.config import Settings, servers_file, settings
from hub.runner import fair
from hub.runner.embedded import Postgres, Valkey
from hub.runner.tree import Tree

WEB_WORKERS = int(os.environ.get("HUB_WEB_WORKERS", "2"))
ASSESS_WORKERS = int(os.environ.get("HUB_ASSESS_WORKERS", "1"))
READY_SECONDS = 60.0
log = structlog.get_logger()


class CannotStart(RuntimeError):
    """The hub cannot start; the message is one line for the person who started it."""


@dataclass
class Running:
    """A running hub."""

    settings: Settings
    tree: Tree
    servers: list[Postgres | Valkey] = field(default_factory=list)  # the embedded ones

    def watch(self) -> None:
        """Restart what has ended by itself, servers first. Call periodically."""
        for server in self.servers:
            if not server.alive():
                log.warning("server_ended", directory=str(server.directory))
                try:
                    server.start()
                except RuntimeError as error:
                    log.error("server_does_not_start", error=str(error))
        self.tree.watch()


def gunicorn_command() -> list[str]:
    """gunicorn with threads: intake is bound by the disk more than by the CPU."""
    root = Path(__file__).resolve().parents[2]
    return [
        sys.executable, "-m", "gunicorn", "--chdir", str(root), "--bind", settings().bind,
        "--workers", str(WEB_WORKERS), "--worker-class", "hub.runner.fair.FairWorker",
        "--threads", str(fair.THREADS),
        "--graceful-timeout", "5", "--timeout", "60", "--keep-alive", "30",
        "--no-control-socket", "--log-level", "warning", "wsgi:app",
    ]  # fmt: skip


@contextlib.contextmanager
def running_hub() -> Iterator[Running]:
    """Start everything, wait until the web process answers, and stop it all at the end.

    Raises CannotStart when the instance is in use, the port is taken or a process does not start.
    """
    here = settings()
    here.instance.mkdir(parents=True, exist_ok=True)
    with _locked(here.instance), contextlib.ExitStack() as stack:
        _check_port_free(here.bind)
        servers = _start_servers(stack, here)
        _prepare()
        tree = Tree(settings().instance / "logs")
        stack.callback(tree.stop)
        tree.add("web", gunicorn_command())
        for number in range(ASSESS_WORKERS):
            tree.add(f"assess-{number}", [sys.executable, "-m", "hub", "worker", "assess"])
        tree.add("deliver", [sys.executable, "-m", "hub", "worker", "deliver"])
        tree.add("remind", [sys.executable, "-m", "hub", "worker", "remind"])
        tree.add("sweeper", [sys.executable, "-m", "hub", "sweeper"])
        _wait_until_ready(tree)
        yield Running(settings(), tree, servers)


def serve() -> int:
    """`python -m hub`: run until Ctrl-C or SIGTERM."""
    stopped = stop_signals()
    try:
        with running_hub() as hub:
            print(f"hub: {hub.settings.base_url}  (Ctrl-C stops it)", flush=True)
            while not stopped.wait(0.5):
                hub.watch()
    except CannotStart as error:
        print(f"hub: {error}", file=sys.stderr)
        return 1
    return 0


def stop_signals() -> threading.Event:
    """Set by the first SIGINT or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


@contextlib.contextmanager
def _locked(instance: Path) -> Iterator[None]:
    """Hold the instance's lock, which the kernel releases however the process ends."""
    with (instance / "running.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(f"another hub runs in {instance}; stop it first") from None
        yield


def _check_port_free(bind: str) -> None:
    import socket

    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CannotStart(f"{bind} is taken ({error.strerror}); choose --bind") from None


def _start_servers(stack: contextlib.ExitStack, here: Settings) -> list[Postgres | Valkey]:
    """The embedded servers, where no external ones are configured; child processes find them in
    the environment."""
    started: list[Postgres | Valkey] = []
    try:
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(here.instance / "postgres")
            stack.callback(postgres.stop)
            os.environ["DATABASE_URL"] = postgres.start()
            started.append(postgres)
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(here.instance / "valkey")
            stack.callback(valkey.stop)
            os.environ["REDIS_URL"] = valkey.start()
            started.append(valkey)
    except RuntimeError as error:
        raise CannotStart(str(error)) from None
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    servers_file(here.instance).write_text(json.dumps(servers), "utf-8")
    stack.callback(servers_file(here.instance).unlink, missing_ok=True)
    os.environ["HUB_INSTANCE"] = str(here.instance)
    os.environ["HUB_ENCODER"] = str(here.encoder)
    settings.cache_clear()
    return started


def _prepare() -> None:
    """Migrate, and build the encoder with the shipped adapter if needed."""
    from classifiers.build import build
    from hub.database import engine
    from hub.services.installation import schema

    schema.upgrade(engine())
    build(settings().encoder)


def _wait_until_ready(tree: Tree) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{settings().base_url}/healthz", timeout=2).status_code == 200:
                return
        if tree.children[0].process and tree.children[0].process.poll() is not None:
            break
        time.sleep(0.05)
    raise CannotStart(f"the web process did not come up; see {tree.children[0].log}")
