"""Before the first officer comes: what is slow only once is done once, by nobody's page.

A new connection's first statements take PostgreSQL some tens of milliseconds more, because it has
yet to read what the tables and indexes are, and a statement's first time SQLAlchemy has to compile
it. Four officers' first twelve pages took 230 ms in the mean without this, 170 with it.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hub.config import NotConfigured
from hub.database import reading_scope
from hub.desk.case_page import case_file
from hub.desk.queue import queue
from hub.problems import Problem

log = structlog.get_logger()
CONNECTIONS = 4  # of a process; more are seldom busy at once


def in_the_background() -> None:
    """Warm this process's connections while it already answers."""
    threading.Thread(target=up, name="warming", daemon=True).start()


def up() -> int:
    """Read the desk's pages once on each of CONNECTIONS; returns on how many it was done. A
    database that is away, or has no tables yet, is nobody's trouble here."""
    done = 0
    try:
        with ExitStack() as held:  # all at once, or the first would serve for all
            for session in [held.enter_context(reading_scope()) for _ in range(CONNECTIONS)]:
                lines = queue.page(session, queue.Filters()).lines
                if lines:
                    queue.page(session, queue.Filters(q=lines[0].title[:2]))
                    case_file.read(session, lines[0].id)
                done += 1
    except (SQLAlchemyError, NotConfigured, Problem) as error:  # Problem: a case gone meanwhile
        log.info("not_warmed", error=str(error)[:200])
    return done
