"""A burst of reports: every one acknowledged and stored, memory flat, answers in time."""

from __future__ import annotations

import statistics
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests
from sqlalchemy import func, select

from hub.database import session_scope
from models import Report
from tests.drills.harness import Hub, Row, hub, wait_until
from tests.drills.platform import WORDS, Signer, report_body

SENDERS = 16
GROWTH = 64 << 20  # bytes one process of the hub may grow by, whatever the number of reports


def run(size: int) -> Row:
    """`size` reports as fast as the hub takes them, then all find their case."""
    row, house = Row("burst of reports", tries=size), hub()
    run_id, jd = uuid.uuid4().hex[:10], Signer(house)

    def send(number: int) -> tuple[int, float]:
        name = f"b-{run_id}-{number}"
        body = report_body(name, WORDS[number % len(WORDS)])
        began = time.perf_counter()
        try:
            status = jd.post(name, body).status_code
        except requests.RequestException:
            status = 0
        return status, time.perf_counter() - began

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(-200, 0)))  # warm
        before = _memory(house)
        began = time.monotonic()
        answers = list(pool.map(send, range(size)))
        took = time.monotonic() - began
    wait_until(lambda: _waiting(run_id) == 0, "every report finds its case", 60 + size / 20)
    settled = time.monotonic() - began
    after = _memory(house)
    grown = max(after.get(pid, 0) - bytes_ for pid, bytes_ in before.items())
    statuses = Counter(status for status, _ in answers)
    row.check(set(statuses) == {202}, f"answers {dict(statuses)}")
    row.lost = statuses[202] - (_stored(run_id) - 200)
    row.check(grown < GROWTH, f"a process grew by {grown >> 20} MiB")
    row.worst_s = max(seconds for _, seconds in answers)
    row.figures = {
        "per_s": round(size / took),
        "p99_answer_ms": round(statistics.quantiles((s for _, s in answers), n=100)[-1] * 1000),
        "all_in_cases_s": round(settled),
        "grown_mib": grown >> 20,
    }
    return row


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
