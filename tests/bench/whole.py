"""The whole way: a viral mix from webhook to case, and from approval to delivered."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.bench import load, mix

BURST, PACED, PER_SECOND, APPROVALS = 600, 210, 7, 40


def measure() -> dict[str, float]:
    """Reports a second end to end, p99 receive-to-case, p99 approval-to-delivered."""
    from hub.database import engine
    from hub.runner.demo import _demo_hub
    from hub.runner.sandboxes import free_ports

    with tempfile.TemporaryDirectory(prefix="hubbench-") as home:
        bind = f"127.0.0.1:{free_ports(1)[0]}"
        with _demo_hub(Path(home), bind) as (hub, platforms), Session(engine()) as session:
            _warm_up(session, bind, home)
            found = _burst(session, bind, home)
            found["p99_receive_to_case_s"] = _paced(session, bind, home)
            found.update(_approvals(session, hub.settings.base_url, platforms))
    return found


def _signed(home: str, slug: str, report_id: str, text_: str) -> bytes:
    import json

    config = json.loads((Path(home) / "sandbox" / f"{slug}.json").read_text("utf-8"))
    report = {
        "report_id": report_id,
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": text_},
    }
    return load.request_bytes(f"/webhooks/{slug}", config["secret"], "report.created", report)


SLUGS = ("jd", "alibaba", "pinduoduo", "weidian", "suning")


def _settled(session: Session, like: str) -> int:
    session.rollback()
    query = text(
        "SELECT count(*) FROM report WHERE external_id LIKE :like AND settled_at IS NOT NULL"
    )
    return session.scalar(query, {"like": like}) or 0


def _wait(session: Session, like: str, n: int) -> None:
    deadline = time.monotonic() + 300
    while _settled(session, like) < n:
        assert time.monotonic() < deadline, f"{_settled(session, like)} of {n} settled"
        time.sleep(0.02)


def _warm_up(session: Session, bind: str, home: str) -> None:
    load.fire(bind, [_signed(home, "jd", "warm-1", "预热用的一条举报，与其他内容无关")], 1)
    _wait(session, "warm-%", 1)


def _burst(session: Session, bind: str, home: str) -> dict[str, float]:
    texts = mix.viral(BURST)
    requests = [_signed(home, SLUGS[i % 5], f"burst-{i}", t) for i, t in enumerate(texts)]
    began = time.perf_counter()
    load.fire(bind, requests, 8)
    _wait(session, "burst-%", BURST)
    took = time.perf_counter() - began
    return {"end_to_end_per_s": round(BURST / took, 1)}


def _paced(session: Session, bind: str, home: str) -> float:
    """7 reports a second: what all channels of a country bring one hub, on average."""
    texts = mix.viral(PACED, seed=11)
    requests = [_signed(home, SLUGS[i % 5], f"paced-{i}", t) for i, t in enumerate(texts)]
    began = time.monotonic()
    for i, request in enumerate(requests):
        time.sleep(max(0.0, began + i / PER_SECOND - time.monotonic()))
        threading.Thread(target=load.fire, args=(bind, [request], 1)).start()
    _wait(session, "paced-%", PACED)
    p99 = session.scalar(
        text(
            "SELECT percentile_cont(0.99) WITHIN GROUP "
            "(ORDER BY extract(epoch FROM settled_at - received_at)) "
            "FROM report WHERE external_id LIKE 'paced-%'"
        )
    )
    return round(float(p99 or 0), 3)


def _approvals(session: Session, base_url: str, platforms: dict) -> dict[str, float]:
    """Two officers decide over HTTP while one of the five platforms hangs."""
    from hub.runner.demo import PASSWORD
    from hub.runner.officers import Officer
    from models import Decision, Delivery, Order, Platform

    platforms["suning"].behave(hooks="hang", delay_s=60)
    handler = Officer(base_url, "handler", PASSWORD)
    approver = Officer(base_url, "approver", PASSWORD)
    cases = handler.read("/queue").cases[:APPROVALS]
    for case_id in cases:
        path = f"/cases/{case_id}"
        handler.propose(path, handler.read(path).forms["form-propose"])
    for case_id in cases:
        approver.approve(case_id)
        time.sleep(0.1)
    time.sleep(3)
    session.rollback()
    wait = func.extract("epoch", Delivery.delivered_at - Decision.approved_at)
    row = session.execute(
        select(func.percentile_cont(0.99).within_group(wait), func.count(Delivery.delivered_at))
        .select_from(Delivery)
        .join(Order, Order.id == Delivery.order_id)
        .join(Decision, Decision.id == Order.decision_id)
        .join(Platform, Platform.id == Order.platform_id)
        .where(Platform.slug != "suning")
    ).one()
    assert row[1] == 4 * len(cases), f"{row[1]} of {4 * len(cases)} delivered"
    return {
        "p99_approval_to_delivered_s": round(float(row[0]), 3),
        "approvals": len(cases),
    }
