"""The sweeper: whatever is due or stranded at any stage is woken.

The database is the truth and the queue only a bell; this is what makes losing the bell
harmless. Runs in its own process, every second, and costs a few indexed look-ups.
"""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from hub import bell
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
WEIGH_FOR = 0.05  # seconds of a round that may go into weighing


def sweep() -> dict[str, int]:
    """One round: expired leases are taken back, waiting rows ring their bell."""
    with session_scope() as session:
        found = {
            "reports_taken_back": lifecycle.take_back_expired(session),
            "deliveries_taken_back": delivery_leases.take_back_expired(session),
        }
    # Each in a transaction of its own: they take locks in an order of their own.
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
        untold = notices.waiting(session)
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
        bell.ring("assess")
    if due:
        bell.ring("deliver")
    if untold or _a_minute_is_over():
        bell.ring("remind")
    return found


_last_look = 0.0


def _a_minute_is_over() -> bool:
    """Whether it is time to look for clocks that came near."""
    global _last_look
    now = time.monotonic()
    if now - _last_look < REMIND_EVERY:
        return False
    _last_look = now
    return True


def weigh() -> None:
    """As many steps of weighing as fit into WEIGH_FOR, at least one; each commits by itself."""
    until = time.monotonic() + WEIGH_FOR
    more = True
    while more:
        with session_scope() as session:
            more = trust_rounds.step(session)
        more = more and time.monotonic() < until


def run(stopped: threading.Event) -> None:
    """Sweep until told to stop; a database that is away is waited for."""
    while not stopped.wait(EVERY):
        try:
            found = sweep()
            if any(found.values()):
                log.info("swept", **found)
            weigh()
        except (SQLAlchemyError, OSError) as error:
            log.warning("sweep_failed", error=str(error)[:200])
