"""One platform sends as fast as it can over many connections: the others are answered all the
same, and what the flood got a 202 for is stored."""

from __future__ import annotations

import socket
import statistics
import threading
import time
import uuid
from collections import Counter

from tests.bench import load
from tests.drills.burst import _stored
from tests.drills.harness import Hub, Row, hub
from tests.drills.platform import WORDS

CONNECTIONS = 64
PACE = 0.05  # seconds between two reports of the quiet platform
PATIENCE = 5.0  # seconds an answer may take the quiet platform, at most


def run(size: int) -> Row:
    """`size` reports of a quiet platform alone, and as many beside the flood."""
    row, house = Row("one platform floods the door"), hub()
    _quiet(house, 10)  # warm
    alone = _quiet(house, size)
    over, run_id = threading.Event(), uuid.uuid4().hex[:10]
    statuses: Counter[int] = Counter()
    floods = [
        threading.Thread(target=_flood, args=(house, run_id, n, over, statuses))
        for n in range(CONNECTIONS)
    ]
    for thread in floods:
        thread.start()
    time.sleep(0.5)
    beside = _quiet(house, size)
    over.set()
    for thread in floods:
        thread.join()
    row.tries = 2 * size + statuses.total()
    row.lost = statuses[202] - _stored(run_id)
    row.worst_s = max(beside)
    row.check(set(statuses) <= {202, 429}, f"answers to the flood: {dict(statuses)}")
    row.check(row.worst_s < PATIENCE, f"a quiet platform waited {row.worst_s:.1f} s")
    row.figures = {
        **_milliseconds("alone", alone),
        **_milliseconds("beside", beside),
        "p95_to_alone": round(_p95(beside) / _p95(alone), 1),
        "flood_taken": statuses[202],
        "flood_refused": statuses[429],
    }
    return row


def _milliseconds(name: str, took: list[float]) -> dict[str, float]:
    return {
        f"{name}_ms": round(statistics.median(took) * 1000, 1),
        f"{name}_p95_ms": round(_p95(took) * 1000, 1),
    }


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


def _report(house: Hub, slug: str, report_id: str) -> bytes:
    data = {
        "report_id": report_id,
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": WORDS[0]},
    }
    return load.request_bytes(f"/webhooks/{slug}", house.secret(slug), "report.created", data)


def _quiet(house: Hub, size: int) -> list[float]:
    """Seconds until each of `size` reports of another platform is answered 202."""
    host, _, port = house.bind.rpartition(":")
    took = []
    for _ in range(size):
        request = _report(house, "weidian", f"q-{uuid.uuid4().hex}")
        began = time.perf_counter()
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            sock.sendall(request)
            assert load._read(sock)[9:12] == b"202"
        took.append(time.perf_counter() - began)
        time.sleep(PACE)
    return took


def _flood(house: Hub, run_id: str, n: int, over: threading.Event, statuses: Counter[int]) -> None:
    host, _, port = house.bind.rpartition(":")
    sock: socket.socket | None = None
    for number in range(1_000_000):
        if over.is_set():
            break
        request = _report(house, "jd", f"b-{run_id}-{n}-{number}")
        sock = sock or socket.create_connection((host, int(port)), timeout=60)
        sock.sendall(request)
        answer = load._read(sock)
        statuses[int(answer[9:12])] += 1
        if b"onnection: close" in answer.split(b"\r\n\r\n")[0]:
            sock.close()
            sock = None
    if sock:
        sock.close()
