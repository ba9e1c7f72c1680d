"""What settling costs: processor time of one worker and of its PostgreSQL, for each report.

A viral mix (70% copies, 20% rewordings, 10% new), a burst of copies, and seven reports a second.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert, text

from tests.bench import drained, stream
from tests.drills.platform import WORDS

VIRAL, BURST, PACED, PER_SECOND = 1500, 5_000, 70, 7


def measure(long: bool = False, data: Path | None = None) -> dict[str, Any]:
    """One row each for the mix and the burst, and the time from receipt to case at a slow pace."""
    with drained.started():
        mixed = stream.viral(2 * VIRAL if long else VIRAL, data)
        found = {"settle_viral": _spent(mixed.texts)}
        copies = 4 * BURST if long else BURST
        found["settle_burst"] = _spent([WORDS[n % len(WORDS)] for n in range(copies)], 1_000_000)
        return {**found, **_paced(stream.viral(PACED, data, seed=11).texts)}


def _spent(texts: list[str], first: int = 0) -> dict[str, float]:
    worker, server, wall = time.process_time(), _postgres(), time.perf_counter()
    drained.settle(texts, first)
    worker, server = time.process_time() - worker, _postgres() - server
    return {
        "reports": len(texts),
        "worker_ms": round(worker * 1000 / len(texts), 2),
        "postgres_ms": round(server * 1000 / len(texts), 2),
        "per_cpu_s": round(len(texts) / (worker + server), 1),
        "drained_s": round(time.perf_counter() - wall, 1),
    }


def _postgres() -> float:
    """Processor seconds of the embedded PostgreSQL so far."""
    pid = (Path(os.environ["HUB_INSTANCE"]) / "pg" / "postmaster.pid").read_text().split()[0]
    postmaster = psutil.Process(int(pid))
    own = postmaster.cpu_times()
    spent = own.user + own.system + own.children_user + own.children_system
    for child in postmaster.children(recursive=True):
        times = child.cpu_times()
        spent += times.user + times.system
    return spent


def _paced(texts: list[str]) -> dict[str, float]:
    """Seconds from receipt to case, of reports that come one by one."""
    from hub.database import session_scope
    from hub.jobs import assess
    from models import Report

    began = time.monotonic()
    for n, said in enumerate(texts):
        time.sleep(max(0.0, began + n / PER_SECOND - time.monotonic()))
        with session_scope() as session:
            session.execute(insert(Report), [drained.report(2_000_000 + n, said)])
        assess.drain()
    with session_scope() as session:
        waits = session.scalars(
            text(
                "SELECT extract(epoch FROM settled_at - received_at) FROM report"
                " ORDER BY id DESC LIMIT :n"
            ),
            {"n": len(texts)},
        )
        cuts = statistics.quantiles([float(wait) for wait in waits], n=100)
    return {"paced_p50_ms": round(cuts[49] * 1000, 1), "paced_p99_ms": round(cuts[98] * 1000, 1)}
