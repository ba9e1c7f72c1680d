"""Bell `remind`: look for surges and for what is due, let near terms press, send what waits to be
told, then read and store sheets of paper reports."""

from __future__ import annotations

import structlog

from hub import bell
from hub.database import session_scope
from hub.jobs import sheets
from hub.services.cases import clock_pressure, queue_tally
from hub.services.office import notices, reminders
from hub.services.openness import daily_counts
from hub.services.warnings import early_warnings

log = structlog.get_logger()


def drain(key: str | None = None) -> int:
    """Send every notice that is due; returns how many were tried."""
    bell.answered("remind", key)
    for step in (reminders.remind, early_warnings.look, daily_counts.close, queue_tally.fold):
        with session_scope() as session:
            step(session)
    while _press():
        pass
    tried = _tell()
    sheets.work()
    return tried


def _press() -> bool:
    with session_scope() as session:
        return clock_pressure.step(session)


def _tell() -> int:
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
