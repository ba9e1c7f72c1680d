"""Many orders for five platforms, one of them dead and one slow: the healthy ones wait for
neither, and sending costs little more than a bare loop of signed requests."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time

from sqlalchemy import func, select

from hub import job_queue
from hub.database import session_scope
from hub.runner.sandboxes import free_ports
from hub.services.platforms import directory, outbox
from models import Delivery, Platform
from tests.drills.harness import ROOT, Row, aside, hub, parts, wait_until
from tests.hub.receiver import Receiver, receiving

SLUGS = ("sound-1", "sound-2", "sound-3", "slow", "dead")
HEALTHY = SLUGS[:3]
SLOW_S = 2.0
ENOUGH = 1000  # orders each; with fewer, starting up is what takes the time
BESIDE, TO_BARE = 1.3, 0.5  # time beside the others to time alone; rate to that of a bare loop


def run(size: int) -> Row:
    """`size` orders to each of five healthy platforms; then again, with one dead, one slow."""
    row = Row("orders beside a dead and a slow platform")
    hub()
    over = threading.Event()
    with contextlib.ExitStack() as stack:
        made = {name: stack.enter_context(receiving()) for name in SLUGS}
        dead = f"127.0.0.1:{free_ports(1)[0]}"
        allow = ",".join([*(r.allow for r in made.values()), dead])
        stack.enter_context(aside("fan_out", HUB_OUTBOUND_ALLOW=allow))
        with session_scope() as session:
            for name, receiver in made.items():
                directory.register(session, name, name, receiver.url)
        stack.enter_context(parts(("hub", "worker", "deliver"), ("hub", "sweeper")))
        _all(1, SLUGS)  # the worker is up
        every, alone = _all(size, SLUGS)
        bare = _bare(made, size)
        made["slow"].answer = lambda handler: _slowly(handler, over)
        with session_scope() as session:
            found = session.scalars(select(Platform).where(Platform.slug == "dead")).one()
            found.endpoint = f"http://{dead}/"
        _, beside = _all(size, HEALTHY)
        over.set()
        _count(made, row)
    row.worst_s = beside
    row.figures = {
        "alone_s": round(alone, 1),
        "beside_s": round(beside, 1),
        "beside_to_alone": round(beside / alone, 2),
        "per_s": round(len(SLUGS) * size / every),
        "bare_per_s": round(len(SLUGS) * size / bare),
        "to_bare": round(bare / every, 2),
    }
    if size >= ENOUGH:
        row.check(beside <= BESIDE * alone, "the healthy waited for the others")
        row.check(bare >= TO_BARE * every, "slower than half a bare loop")
    return row


def _all(size: int, awaited: tuple[str, ...]) -> tuple[float, float]:
    """Write `size` orders for every platform; seconds until all awaited, and all healthy ones,
    have theirs."""
    with session_scope() as session:
        platforms = outbox.lock_platforms(session)
        for number in range(size):
            for platform in platforms:
                seq = outbox.next_seq(session, platform)
                data = {"order_id": f"od_{seq}_{number}", "measures": ["close_shop"], "seq": seq}
                outbox.put(session, platform, "order.issued", seq, data)
    began = time.monotonic()
    job_queue.notify("deliver")
    wait_until(lambda: _open(HEALTHY) == 0, "the healthy have theirs", 60 + size)
    healthy = time.monotonic() - began
    wait_until(lambda: _open(awaited) == 0, "all have theirs", 60 + size)
    return time.monotonic() - began, healthy


def _open(names: tuple[str, ...]) -> int:
    with session_scope() as session:
        return session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Platform, Platform.id == Delivery.platform_id)
            .where(Platform.slug.in_(names), Delivery.state != "DELIVERED")
        )


def _bare(made: dict[str, Receiver], size: int) -> float:
    """Seconds the bare loop takes for as many messages of the same size; see bare_loop."""
    body = made[HEALTHY[0]].got[-1][1]
    before = {name: len(receiver.got) for name, receiver in made.items()}
    command = [sys.executable, "-m", "tests.drills.bare_loop", str(size)]
    done = subprocess.run(
        [*command, *(r.url for r in made.values())],
        input=body,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    )
    for name, receiver in made.items():
        assert len(receiver.got) == before[name] + size
        del receiver.got[before[name] :]
    return float(done.stdout)


def _slowly(handler, over: threading.Event) -> None:
    over.wait(SLOW_S)
    handler.send_response(200)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _count(made: dict[str, Receiver], row: Row) -> None:
    """Every message at a healthy platform, once."""
    for name in HEALTHY:
        ids = [headers["webhook-id"] for headers, _ in made[name].got]
        with session_scope() as session:
            sent = session.scalars(
                select(Delivery.webhook_id)
                .join(Platform, Platform.id == Delivery.platform_id)
                .where(Platform.slug == name)
            ).all()
        row.tries += len(sent)
        row.lost += len(set(sent) - set(ids))
        row.doubled += len(ids) - len(set(ids))
