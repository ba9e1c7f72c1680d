"""The sweeper: wakes workers for whatever is due, and takes back expired leases, at every stage.

The database is the source of truth and the queue only a notification; the sweeper makes a lost
notification harmless. It runs in its own process, every second, and costs a few indexed look-ups.
"""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from hub import job_queue
from hub.database import inline, session_scope
from hub.services.assessment import lifecycle
from hub.services.cases import trust_rounds
from hub.services.enforcement import escalation, newcomers
from hub.services.office import notices
from hub.services.platforms import delivery_leases, rate_limits
from hub.services.rumors import debunks
from models import Delivery, Platform, Report
from models.states import TO_SEND, ReportState

log = structlog.get_logger()
EVERY = 1.0  # seconds
REMIND_EVERY = 60.0
TRUST_SECONDS = 0.05  # of a round, for computing trust


def sweep() -> dict[str, int]:
    """One round: expired leases are taken back, workers are notified of waiting rows."""
    with session_scope() as session:
        found = {
            "reports_taken_back": lifecycle.take_back_expired(session),
            "deliveries_taken_back": delivery_leases.take_back_expired(session),
        }
    # Each in its own transaction: each takes its locks in its own order.
    for name, step in (
        ("orders_to_newcomers", newcomers.catch_up),
        ("orders_reminded", escalation.remind),
        ("orders_escalated", escalation.escalate),
    ):
        with session_scope() as session:
            found[name] = step(session)
    with session_scope() as session:
        waiting = session.scalar(
            select(
                exists().where(
                    Report.state == inline(ReportState.RECEIVED), Report.next_at <= func.now()
                )
            )
        )
        rate_limits.tidy(session)
        unread = debunks.waiting(session)
        notices_waiting = notices.waiting(session)
        due = session.scalar(
            select(
                exists().where(
                    Delivery.state.in_([inline(state) for state in TO_SEND]),
                    Delivery.next_at <= func.now(),
                    Delivery.platform_id == Platform.id,
                    Platform.paused_because.is_(None),
                )
            )
        )
    if waiting or unread:
        job_queue.notify("assess")
    if due:
        job_queue.notify("deliver")
    if notices_waiting or _minute_passed():
        job_queue.notify("remind")
    return found


_last_reminder = 0.0


def _minute_passed() -> bool:
    """Whether it is time to check the statutory clocks."""
    global _last_reminder
    now = time.monotonic()
    if now - _last_reminder < REMIND_EVERY:
        return False
    _last_reminder = now
    return True


def compute_trust() -> None:
    """As many steps of the trust computation as fit into TRUST_SECONDS, at least one; each commits
    by itself."""
    until = time.monotonic() + TRUST_SECONDS
    more = True
    while more:
        with session_scope() as session:
            more = trust_rounds.step(session)
        more = more and time.monotonic() < until


def run(stopped: threading.Event) -> None:
    """Sweep until `stopped` is set; while the database is away, keep trying."""
    while not stopped.wait(EVERY):
        try:
            found = sweep()
            if any(found.values()):
                log.info("swept", **found)
            compute_trust()
        except (SQLAlchemyError, OSError) as error:
            log.warning("sweep_failed", error=str(error)[:200])
