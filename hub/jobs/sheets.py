"""Spreadsheets of paper reports: read after upload, imported after confirmation."""

from __future__ import annotations

from hub import job_queue
from hub.database import session_scope
from hub.services.reports import paper_imports
from models.states import ImportState


def work() -> int:
    """Read uploaded spreadsheets and import confirmed ones; returns how many."""
    handled = 0
    while True:
        with session_scope() as session:
            due = paper_imports.due(session)
        if due is None:
            return handled
        id_, state = due
        (_read if state == ImportState.WAITING else _store)(id_)
        handled += 1


def _read(id_: int) -> None:
    def progress(done: int) -> None:
        with session_scope() as session:
            paper_imports.note_progress(session, id_, done)

    with session_scope() as session:
        body = paper_imports.body(session, id_)
    sheet = paper_imports.read(body, progress)
    with session_scope() as session:
        paper_imports.keep(session, id_, sheet)


def _store(id_: int) -> None:
    with session_scope() as session:
        good = paper_imports.checked(session, id_)["good"]
    last = False
    while not last:
        with session_scope() as session:
            last = paper_imports.store_some(session, id_, good)
        job_queue.notify("assess")
