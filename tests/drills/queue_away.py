"""The queue server is flushed, hangs, dies: intake answers as before, and the work is done
soon after it is back. The queue is only a notification."""

from __future__ import annotations

import time

import psutil
import redis

from tests.drills.harness import Hub, Row, hub
from tests.drills.platform import Flow

BACKLOG_S = 30  # seconds after its return within which no report may wait any more


def run(size: int) -> Row:
    """Flush it; hang it for `size` seconds; stop it for `size` seconds."""
    row, house = Row("Valkey flushed, hung, stopped"), hub()
    for harm in (_flush, _hang, _stop):
        with Flow(house, threads=2, pause=0.05) as flow:
            time.sleep(1)
            harm(house, size)
        row.check(set(flow.answers) == {202}, f"{harm.__name__}: answers {dict(flow.answers)}")
        row.worst_s = max(row.worst_s, flow.settle(row, BACKLOG_S))
        flow.balance(row)
    row.figures = {"away_s": size}
    return row


def _flush(house: Hub, size: int) -> None:
    client = redis.Redis.from_url(f"unix://{house.valkey.socket}")
    for _ in range(5):
        client.flushall()
        time.sleep(0.2)


def _hang(house: Hub, size: int) -> None:
    process = psutil.Process(house.valkey.pid)
    process.suspend()
    time.sleep(size)
    process.resume()


def _stop(house: Hub, size: int) -> None:
    psutil.Process(house.valkey.pid).kill()
    time.sleep(size)
    house.valkey.start()
