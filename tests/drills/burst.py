"""A burst of reports: every one acknowledged and stored, memory flat, answers in time."""

from __future__ import annotations

import socket
import statistics
import threading
import time
import uuid
from collections import Counter

from sqlalchemy import func, select, text

from hub.database import engine, session_scope
from hub.runner.sandboxes import free_ports
from models import Report
from tests.bench import load
from tests.bench.intake import _gunicorn
from tests.drills.harness import Hub, Row, aside, hub, wait_until
from tests.drills.platform import WORDS

SENDERS = 16
BLOCK = 2500  # requests signed at a time: a signature is good for 300 s
GROWTH = 64 << 20  # bytes one process of the hub may grow by, whatever the number of reports
FLAT = 1.2  # resident bytes at the end over those after the first 10,000, at most


def run(size: int) -> Row:
    """`size` reports as fast as the hub takes them, then all find their case; then the bare
    minimum (one signature, one row) takes some thousands, for comparison."""
    row, house = Row("burst of reports", tries=size), hub()
    run_id, secret = uuid.uuid4().hex[:10], house.secret("jd")
    _fire(house.bind, secret, run_id, range(-200, 0))  # warm
    before = _memory(house)
    answers, took, early = [], 0.0, before
    for first in range(0, size, BLOCK):
        block = range(first, min(first + BLOCK, size))
        found, seconds = _fire(house.bind, secret, run_id, block)
        answers += found
        took += seconds
        if first < 10_000 <= first + BLOCK:
            early = _memory(house)
    late = _memory(house)
    settled = wait_until(lambda: _waiting(run_id) == 0, "every report finds its case", 60 + size)
    statuses = Counter(status for status, _ in answers)
    row.check(set(statuses) == {202}, f"answers {dict(statuses)}")
    row.lost = statuses[202] - (_stored(run_id) - 200)
    row.worst_s = max(seconds for _, seconds in answers)
    per_s, bare = size / took, _bare(secret, min(size, 10_000))
    row.figures = {
        "per_s": round(per_s),
        "bare_per_s": round(bare),
        "to_bare": round(per_s / bare, 2),
        "p99_answer_ms": round(statistics.quantiles((s for _, s in answers), n=100)[-1] * 1000),
        "all_in_cases_s": round(took + settled),
        **_growth(row, before, early, late),
    }
    return row


def _growth(row: Row, before: dict, early: dict, late: dict) -> dict[str, float]:
    grown = max(late.get(pid, 0) - bytes_ for pid, bytes_ in before.items())
    if early is before:  # too few to tell a leak from what is loaded once
        row.check(grown < GROWTH, f"a process grew by {grown >> 20} MiB")
        return {"grown_mib": grown >> 20}
    flat = max(late.get(pid, 0) / bytes_ for pid, bytes_ in early.items())
    row.check(flat <= FLAT, f"a process grew {flat:.2f} times after 10,000 reports")
    return {"grown_mib": grown >> 20, "rss_end_to_10000": round(flat, 2)}


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


def _bare(secret: str, size: int) -> float:
    """Reports a second of the bare minimum, under the same gunicorn settings and senders."""
    (port,) = free_ports(1)
    with aside("bare"):
        with engine().begin() as connection:
            connection.execute(
                text("CREATE TABLE bench_row (id text PRIMARY KEY, raw bytea NOT NULL)")
            )
        with _gunicorn("tests.bench.baseline:app", port, BENCH_SECRET=secret):
            _fire(f"127.0.0.1:{port}", secret, "warm", range(200))
            took = sum(
                _fire(f"127.0.0.1:{port}", secret, "bare", range(n, min(n + BLOCK, size)))[1]
                for n in range(0, size, BLOCK)
            )
    return size / took


def _memory(house: Hub) -> dict[int, int]:
    """Resident bytes by process."""
    return {p.pid: p.memory_info().rss for p in house.processes("-m")}


def _rows(run_id: str):
    return select(func.count()).where(Report.external_id.startswith(f"b-{run_id}-"))


def _stored(run_id: str) -> int:
    with session_scope() as session:
        return session.scalar(_rows(run_id))


def _waiting(run_id: str) -> int:
    with session_scope() as session:
        waiting = Report.state.in_(("RECEIVED", "PROCESSING"))
        return session.scalar(_rows(run_id).where(waiting))
