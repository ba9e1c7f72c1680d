"""Queue `assess`: assess received reports until none is waiting, then embed new debunks."""

from __future__ import annotations

import time

import structlog

from hub import job_queue, locks
from hub.database import patiently, session_scope
from hub.locks import Lock
from hub.services.assessment import lifecycle
from hub.services.assessment.lifecycle import LEASE_SECONDS
from hub.services.assessment.loaded_models import LoadedModels, loaded_models
from hub.services.reports.leased_report import Leased
from hub.services.rumors import debunks

log = structlog.get_logger()
BATCH = 96  # reports that share the cost of a statement; an all-new batch takes a second
RECORDS = 32  # debunks embedded at a time
LONGEST = 2.0  # seconds of a job; then it queues its successor


def drain(key: str | None = None) -> int:
    """Assess waiting reports; returns how many were settled. A full batch wakes another worker.

    Jobs are short, so that a worker stops soon after SIGTERM.
    """
    job_queue.acknowledge("assess", key)
    settled, until = 0, time.monotonic() + LONGEST
    while time.monotonic() < until:
        with session_scope() as session:
            leased = lifecycle.lease(session, BATCH)
        if not leased:
            if read_debunks():
                continue
            return settled
        if len(leased) == BATCH:
            job_queue.notify("assess", "helper")
        settled += _process(loaded_models(), leased)
        job_queue.notify("deliver")
    job_queue.notify("assess")
    return settled


def read_debunks() -> int:
    """Embed the next debunks of the library that have no vectors; returns how many."""
    with session_scope() as session:
        records = debunks.unread(session, RECORDS)
    if not records:
        return 0
    loaded = loaded_models()
    vectors = loaded.encoder.encode([r.claim for r in records] + [r.told for r in records])
    with session_scope() as session:
        locks.hold(session, Lock.CLAIMS)
        debunks.store_vectors(session, loaded.encoder, records, vectors)
    return len(records)


def _process(loaded: LoadedModels, leased: list[Leased]) -> int:
    """As one batch; if that fails, one by one, so that one bad report does not block others."""
    try:
        _settle(loaded, leased)
        return len(leased)
    except Exception as error:
        if len(leased) == 1:
            log.exception("report_failed", report=leased[0].id)
            with session_scope() as session:
                lifecycle.fail(session, leased[0], f"{type(error).__name__}: {error}")
            return 0
        log.warning("batch_failed", error=str(error)[:200])
    return sum(_process(loaded, [item]) for item in leased)


def _settle(loaded: LoadedModels, leased: list[Leased]) -> None:
    new = patiently(
        lambda session: lifecycle.unseen(session, leased, loaded.encoder), LEASE_SECONDS
    )
    lifecycle.read(loaded, leased, new)
    patiently(lambda session: lifecycle.settle(session, loaded, leased), LEASE_SECONDS)
