"""Queue `remind`: detect surges and due clocks, raise priorities near deadlines, send notices, then
read and import spreadsheets of paper reports."""

from __future__ import annotations

import structlog

from hub import job_queue
from hub.database import session_scope
from hub.jobs import sheets
from hub.services.cases import clock_pressure, queue_tally
from hub.services.office import notices, reminders
from hub.services.openness import daily_counts
from hub.services.warnings import early_warnings

log = structlog.get_logger()


def drain(key: str | None = None) -> int:
    """Send every notice that is due; returns how many were tried."""
    job_queue.acknowledge("remind", key)
    for step in (
        reminders.remind,
        early_warnings.raise_warnings,
        daily_counts.close,
        queue_tally.fold,
    ):
        with session_scope() as session:
            step(session)
    while _raise_priorities():
        pass
    tried = _send_notices()
    sheets.work()
    return tried


def _raise_priorities() -> bool:
    with session_scope() as session:
        return clock_pressure.step(session)


def _send_notices() -> int:
    tried = 0
    while True:
        with session_scope() as session:
            notice = notices.take(session)
        if notice is None:
            return tried
        error = notices.tell(notice)
        with session_scope() as session:
            notices.finish(session, notice, error)
        tried += 1
        if error:
            log.warning("not_told", channel=notice.channel, notice=notice.id, error=error)
