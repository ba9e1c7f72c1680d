"""Platforms' endpoints that fail, hang, drip, reset, never end or lead inside: the healthy ones
are served as before, nothing private is reached, and what was held up arrives in the end."""

from __future__ import annotations

import contextlib
import socket
import statistics
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import psutil
from sqlalchemy import func, select, text

from hub import job_queue
from hub.database import session_scope
from hub.services.platforms import directory, outbox
from models import Delivery, Platform
from tests.drills.harness import Row, aside, hub, parts, wait_until
from tests.hub.receiver import Receiver, receiving, status

HEALTHY = ("sound-1", "sound-2")
PACE = 0.1  # seconds between two rounds of messages
MEMORY = 64 << 20  # bytes a sender may grow by


def run(size: int) -> Row:
    """`size` messages to each healthy platform alone, then beside ten that are not."""
    row = Row("endpoints that fail, hang, drip, lead inside")
    hub()
    over = threading.Event()
    with contextlib.ExitStack() as stack:
        trap = stack.enter_context(_trap())
        faults = {
            "fails": status(500),
            "hangs": lambda handler: over.wait(),
            "drips": lambda handler: _drip(handler, over),
            "resets": _reset,
            "endless": lambda handler: _endless(handler, over),
            "metadata": status(302, Location="http://169.254.169.254/latest/meta-data/"),
            "inward": status(307, Location=f"http://127.0.0.1:{trap.port}/"),
        }
        made = {name: stack.enter_context(receiving()) for name in (*HEALTHY, *faults)}
        allow = ",".join(r.allow for r in made.values())
        stack.enter_context(aside("receivers", HUB_OUTBOUND_ALLOW=allow))
        endpoints = {name: r.url for name, r in made.items()}
        # These are not exempt from the guard: they must not even be connected to.
        endpoints["private"] = f"http://127.0.0.1:{trap.port}/"
        endpoints["linklocal"] = "http://169.254.169.254/latest/"
        with session_scope() as session:
            for name, url in endpoints.items():
                directory.register(session, name, name, url)
        workers = stack.enter_context(parts(("hub", "worker", "deliver"), ("hub", "sweeper")))
        _send(HEALTHY, 1)  # the worker is up
        wait_until(lambda: _open(HEALTHY) == 0, "the worker is up")
        before = _latencies(HEALTHY, size, HEALTHY)
        sender = psutil.Process(workers[0].pid)
        memory = sender.memory_info().rss
        for name, answer in faults.items():
            made[name].answer = answer
        during = _latencies(list(endpoints), size, HEALTHY)
        grown = sender.memory_info().rss - memory
        over.set()
        _mend(made, row)
        _count(made, row)
    row.worst_s = max(during)
    row.check(trap.connections == 0, f"{trap.connections} private connections")
    row.check(grown < MEMORY, f"the sender grew by {grown >> 20} MiB")
    row.check(max(during) < 5, f"a healthy platform waited {max(during):.1f} s")
    row.figures = {
        "alone_ms": round(statistics.median(before) * 1000, 1),
        "beside_ms": round(statistics.median(during) * 1000, 1),
        "grown_mib": grown >> 20,
    }
    return row


def _send(names, rounds: int) -> None:
    for _ in range(rounds):
        for name in names:
            with session_scope() as session:
                id_ = session.scalars(select(Platform.id).where(Platform.slug == name)).one()
                (platform,) = outbox.lock_platforms(session, [id_])
                seq = outbox.next_seq(session, platform)
                outbox.put(session, platform, "report.updated", seq, {"reports": []})
            job_queue.notify("deliver")
        time.sleep(PACE)


def _open(names) -> int:
    """Deliveries to these platforms that have not arrived."""
    with session_scope() as session:
        return session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Platform, Platform.id == Delivery.platform_id)
            .where(Platform.slug.in_(names), Delivery.state != "DELIVERED")
        )


def _latencies(names, rounds: int, of) -> list[float]:
    """Seconds from written to delivered at the healthy platforms."""
    with session_scope() as session:
        last = session.scalar(select(func.coalesce(func.max(Delivery.id), 0)))
    _send(names, rounds)
    wait_until(lambda: _open(of) == 0, "healthy platforms are served")
    took = func.extract("epoch", Delivery.delivered_at - Delivery.created_at)
    with session_scope() as session:
        rows = session.scalars(
            select(took)
            .join(Platform, Platform.id == Delivery.platform_id)
            .where(Platform.slug.in_(of), Delivery.id > last)
        )
        return [float(seconds) for seconds in rows]


def _mend(made: dict[str, Receiver], row: Row) -> None:
    """All endpoints are well again, and the next try is now instead of in some hours."""
    for receiver in made.values():
        receiver.answer = status(200)

    def settled() -> bool:
        with session_scope() as session:
            session.execute(text("UPDATE delivery SET next_at = now() WHERE state = 'WAIT'"))
        return _open(list(made)) == 0

    wait_until(settled, "what was held up arrives")
    with session_scope() as session:
        states = session.scalars(
            select(Delivery.state)
            .join(Platform, Platform.id == Delivery.platform_id)
            .where(Platform.slug.in_(("private", "linklocal")))
        ).all()
        paused = session.scalar(select(func.count()).where(Platform.paused_because.is_not(None)))
    row.check(set(states) <= {"BLOCKED", "PENDING"}, f"private endpoints: {Counter(states)}")
    row.check(paused == 2, f"{paused} endpoints shown to a person as private, not 2")


def _count(made: dict[str, Receiver], row: Row) -> None:
    """Everything arrived; at the healthy ones, once."""
    with session_scope() as session:
        sent = session.execute(
            select(Platform.slug, Delivery.webhook_id)
            .join(Platform, Platform.id == Delivery.platform_id)
            .where(Platform.slug.in_(made))
        ).all()
    got = {name: Counter(h["webhook-id"] for h, _ in r.got) for name, r in made.items()}
    row.tries = len(sent)
    row.lost = sum(not got[name][webhook_id] for name, webhook_id in sent)
    row.doubled = sum(n > 1 for name in HEALTHY for n in got[name].values())


def _drip(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n":
        handler.wfile.write(bytes([byte]))
        if over.wait(1):
            return


def _reset(handler: BaseHTTPRequestHandler) -> None:
    linger = struct.pack("ii", 1, 0)  # close sends RST
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def _endless(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(500)
    handler.end_headers()
    while not over.is_set():
        handler.wfile.write(b"x" * 65536)


class _Trap:
    """An address inside that nobody may connect to."""

    def __init__(self, listener: socket.socket) -> None:
        self.port = listener.getsockname()[1]
        self.connections = 0


@contextlib.contextmanager
def _trap() -> Iterator[_Trap]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = _Trap(listener)

        def count() -> None:
            with contextlib.suppress(OSError):
                while True:
                    listener.accept()[0].close()
                    trap.connections += 1

        threading.Thread(target=count, daemon=True).start()
        yield trap
        listener.shutdown(socket.SHUT_RDWR)
