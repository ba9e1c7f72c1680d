"""A burst of reports: every one acknowledged and stored, memory flat, answers in time.

Taking reports in is compared with the bare minimum, one signature and one row, on the same
database server, by the same senders, a block of one after some blocks of the other. Reading them
is another stage with processes of its own: they are halted while intake is compared alone, then
go on, and both are compared once more beside them.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
from sqlalchemy import create_engine, func, make_url, select, text

from hub.config import settings
from hub.database import session_scope
from hub.runner.sandboxes import free_ports
from models import Report
from tests.bench import load
from tests.bench.intake import _gunicorn
from tests.drills.harness import Hub, Row, hub, wait_until
from tests.drills.platform import WORDS

SENDERS = 16
BLOCK = 2500  # requests signed at a time: a signature is good for 300 s
BARE_EVERY = 4  # blocks of the hub to one of the bare minimum
EARLY = 10_000  # reports after which memory is looked at first
GROWTH = 64 << 20  # bytes one process of the hub may grow by, whatever the number of reports
READING = 600.0  # seconds the readers are given; what they have not read then waits, stored
FLAT = 1.2  # resident bytes at the end over those after the first 10,000, at most


@dataclass
class Taken:
    """What one side took: answers as (status, seconds), and seconds for all."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_s(self) -> float:
        return len(self.answers) / self.seconds


def run(size: int) -> Row:
    """`size` reports as fast as the hub takes them while nobody reads, some more beside the
    readers, then they find their cases."""
    row, house = Row("burst of reports"), hub()
    run_id, secret = uuid.uuid4().hex[:10], house.secret("jd")
    _fire(house.bind, secret, run_id, range(-200, 0))  # warm
    wait_until(lambda: _waiting(run_id) == 0, "the first reports find their case")
    memory = Memory(house)
    with _bare(secret) as bare:
        _fire(bare, secret, "warm", range(-200, 0))
        with _halted(house.processes("worker", "assess")):
            alone, alone_bare = _both(house, bare, run_id, 0, size, memory)
        began = time.perf_counter()
        more = max(500, size // 10)
        beside, beside_bare = _both(house, bare, run_id, size, more)
    unread = _read_on(run_id, size + more, memory, began)
    took = time.perf_counter() - began
    answers = alone.answers + beside.answers
    statuses = Counter(status for status, _ in answers)
    row.tries = len(answers)
    row.check(set(statuses) == {202}, f"answers {dict(statuses)}")
    row.lost = statuses[202] - (_stored(run_id) - 200)
    row.worst_s = max(seconds for _, seconds in answers)
    row.figures = {
        "per_s": round(alone.per_s),
        "bare_per_s": round(alone_bare.per_s),
        "to_bare": round(alone.per_s / alone_bare.per_s, 2),
        "p99_answer_ms": _p99(alone),
        "reading_per_s": round(beside.per_s),
        "reading_bare_per_s": round(beside_bare.per_s),
        "reading_to_bare": round(beside.per_s / beside_bare.per_s, 2),
        "reading_p99_answer_ms": _p99(beside),
        "read_per_s": round((size + more - unread) / took),
        "still_unread": unread,
        **memory.check(row),
    }
    return row


class Memory:
    """Resident bytes of the hub's processes: before, after the first 10,000, at the end of a
    stage. Who takes in and who reads grow at different times."""

    def __init__(self, house: Hub) -> None:
        self.house = house
        self.before = self._now()
        self.early: dict[int, int] = {}
        self.flat = self.grown = 0.0

    def _now(self) -> dict[int, int]:
        return {p.pid: p.memory_info().rss for p in self.house.processes("-m")}

    def after(self, reports: int) -> None:
        """Look, when the first 10,000 are just done."""
        if not self.early and reports >= EARLY:
            self.early = self._now()

    def end(self) -> None:
        """A stage is over."""
        late = self._now()
        self.grown = max(self.grown, *(late.get(pid, 0) - n for pid, n in self.before.items()))
        self.flat = max(self.flat, *(late.get(pid, 0) / n for pid, n in self.early.items()), 0.0)
        self.early = {}

    def check(self, row: Row) -> dict[str, float]:
        """The figures; a row that took too few to tell a leak from what is loaded once is
        judged by the growth alone."""
        grown = int(self.grown) >> 20
        if not self.flat:
            row.check(self.grown < GROWTH, f"a process grew by {grown} MiB")
            return {"grown_mib": grown}
        row.check(self.flat <= FLAT, f"a process grew {self.flat:.2f} times after 10,000 reports")
        return {"grown_mib": grown, "rss_end_to_10000": round(self.flat, 2)}


def _both(
    house: Hub, bare: str, run_id: str, first: int, size: int, memory: Memory | None = None
) -> tuple[Taken, Taken]:
    """What the hub and the bare minimum take of `size` reports, turn about."""
    secret, of_hub, of_bare = house.secret("jd"), Taken(), Taken()
    for number, start in enumerate(range(first, first + size, BLOCK)):
        block = range(start, min(start + BLOCK, first + size))
        _add(of_hub, house.bind, secret, run_id, block)
        if memory:
            memory.after(block.stop - first)
        if number % BARE_EVERY == 0:
            _add(of_bare, bare, secret, run_id, block)
    if memory:
        memory.end()
    return of_hub, of_bare


def _add(taken: Taken, address: str, secret: str, run_id: str, numbers: range) -> None:
    answers, seconds = _fire(address, secret, run_id, numbers)
    taken.answers += answers
    taken.seconds += seconds


def _read_on(run_id: str, total: int, memory: Memory, began: float) -> int:
    """Wait for the readers; how many reports have no case when their time is over. They must
    get on: raises Failed when none is read for two minutes."""
    unread = total
    while unread and time.perf_counter() - began < READING:
        wait_until(lambda n=unread: _waiting(run_id) < n, "reports find their case")
        unread = _waiting(run_id)
        memory.after(total - unread)
    memory.end()
    return unread


def _p99(taken: Taken) -> int:
    return round(statistics.quantiles((s for _, s in taken.answers), n=100)[-1] * 1000)


@contextlib.contextmanager
def _halted(processes: list[psutil.Process]) -> Iterator[None]:
    """These processes do nothing meanwhile."""
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def _fire(
    address: str, secret: str, run_id: str, numbers: range
) -> tuple[list[tuple[int, float]], float]:
    """(status, seconds) of each report sent over SENDERS sockets, and seconds for all."""
    requests = [_request(secret, run_id, number) for number in numbers]
    answers: list[tuple[int, float]] = []
    threads = [
        threading.Thread(target=_send, args=(address, requests[i::SENDERS], answers))
        for i in range(SENDERS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - began


def _request(secret: str, run_id: str, number: int) -> bytes:
    data = {
        "report_id": f"b-{run_id}-{number}",
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": WORDS[number % len(WORDS)]},
    }
    return load.request_bytes("/webhooks/jd", secret, "report.created", data)


def _send(address: str, requests: list[bytes], answers: list[tuple[int, float]]) -> None:
    host, _, port = address.rpartition(":")
    sock: socket.socket | None = None
    for request in requests:
        began = time.perf_counter()
        try:
            sock = sock or socket.create_connection((host, int(port)), timeout=60)
            sock.sendall(request)
            answer = load._read(sock)
            status = int(answer[9:12])
        except (OSError, ValueError):
            answer, status = b"onnection: close", 0
        answers.append((status, time.perf_counter() - began))
        if sock and b"onnection: close" in answer.split(b"\r\n\r\n")[0]:
            sock.close()
            sock = None
    if sock:
        sock.close()


@contextlib.contextmanager
def _bare(secret: str) -> Iterator[str]:
    """Where the bare minimum listens: the hub's gunicorn settings and database server."""
    (port,) = free_ports(1)
    url = make_url(str(settings().database_url))
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    its = url.set(database="bare")
    with owner.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bare WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE bare"))
    engine = create_engine(its)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bench_row (id text PRIMARY KEY, raw bytea NOT NULL)"))
    engine.dispose()
    names = {
        "BENCH_SECRET": secret,
        "DATABASE_URL": its.render_as_string(hide_password=False),
    }
    with _gunicorn("tests.bench.baseline:app", port, **names):
        yield f"127.0.0.1:{port}"
    with owner.connect() as connection:
        connection.execute(text("DROP DATABASE bare WITH (FORCE)"))
    owner.dispose()


def _rows(run_id: str):
    return select(func.count()).where(Report.external_id.startswith(f"b-{run_id}-"))


def _stored(run_id: str) -> int:
    with session_scope() as session:
        return session.scalar(_rows(run_id))


def _waiting(run_id: str) -> int:
    with session_scope() as session:
        waiting = Report.state.in_(("RECEIVED", "PROCESSING"))
        return session.scalar(_rows(run_id).where(waiting))
