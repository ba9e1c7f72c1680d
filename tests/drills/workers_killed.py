"""Workers are killed with -9 at every point of their work: nothing is lost, an order takes
effect once, and the work is taken up again when the lease is over."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import select

from hub.database import session_scope
from models import Order
from models.states import TERMINAL
from tests.drills import desk, dying_worker
from tests.drills.harness import Hub, Row, hub, kill_hard, part, wait_until
from tests.drills.platform import Flow

GRACE_S = 10.0  # after the end of a lease


def run(size: int) -> Row:
    """Every point `size` times, with short leases; from 3 times on also the hub's own workers
    under load, with the real ones."""
    row, house = Row("workers killed -9 at every point"), hub()
    with ThreadPoolExecutor(2) as pool:  # either queue knows nothing of the other
        for done in pool.map(lambda drill: drill(house, size), (_assess_points, _deliver_points)):
            row.add(done)
    if size >= 3:
        _own_workers(house, row)
    row.figures = {"points": len(dying_worker.POINTS), "lease_s": dying_worker.LEASE_S}
    return row


def _assess_points(house: Hub, size: int) -> Row:
    return _points(house, size, "assess", _assess)


def _deliver_points(house: Hub, size: int) -> Row:
    return _points(house, size, "deliver", _deliver)


def _points(house: Hub, size: int, queue: str, drill: Callable[[Hub, Row, str], float]) -> Row:
    row = Row(queue)
    for point in [p for p in dying_worker.POINTS if p.startswith(queue)] * size:
        took = drill(house, row, point)
        row.worst_s = max(row.worst_s, took)
        row.check(took < dying_worker.LEASE_S + GRACE_S, f"{point}: taken up after {took:.0f} s")
    return row


@contextmanager
def _suspended(house: Hub, queue: str) -> Iterator[None]:
    """The hub's own workers leave the work to the one that is to die."""
    own = house.processes("worker", queue)
    for process in own:
        process.suspend()
    try:
        yield
    finally:
        for process in own:
            process.resume()


def _dies(row: Row, point: str) -> float:
    process = part("tests.drills.dying_worker", point)
    status = process.wait(60)
    row.check(status == -signal.SIGKILL, f"{point}: the worker ended with {status}")
    return time.monotonic()


def _assess(house: Hub, row: Row, point: str) -> float:
    with _suspended(house, "assess"):
        with Flow(house, threads=2, pause=0.05) as flow:
            wait_until(lambda: len(flow.acknowledged) >= 4, "reports are in")
        died = _dies(row, point)
    flow.settle(row)
    flow.balance(row)
    return time.monotonic() - died


def _deliver(house: Hub, row: Row, point: str) -> float:
    with _suspended(house, "deliver"):
        with session_scope() as session:
            decision = desk.ordered(session).id
        died = _dies(row, point)
    wait_until(lambda: unanswered(decision) == 0, f"{point}: every platform answers")
    effects(house, row, decision)
    return time.monotonic() - died


def unanswered(decision: int) -> int:
    """How many orders of the decision wait for their platform's final answer."""
    with session_scope() as session:
        states = session.scalars(select(Order.execution).where(Order.decision_id == decision))
        return sum(state not in TERMINAL for state in states)


def effects(house: Hub, row: Row, decision: int) -> None:
    """Each platform did exactly once what its order says."""
    with session_scope() as session:
        orders = session.scalars(select(Order).where(Order.decision_id == decision)).all()
    for order in orders:
        times = house.platforms[order.platform.slug].state()["effects"].get(order.public_id, 0)
        row.tries += 1
        row.lost += times == 0
        row.doubled += times > 1


def _own_workers(house: Hub, row: Row) -> None:
    """The hub's own workers die under load; the supervisor brings new ones."""
    with Flow(house, threads=2, pause=0.02) as flow:
        for _ in range(5):
            time.sleep(3)
            with session_scope() as session:
                decision = desk.ordered(session).id
            kill_hard(*house.processes("worker", "assess"), *house.processes("worker", "deliver"))
    flow.settle(row, 60 + GRACE_S + 60)
    flow.balance(row)
    wait_until(lambda: unanswered(decision) == 0, "every platform answers")
    effects(house, row, decision)
