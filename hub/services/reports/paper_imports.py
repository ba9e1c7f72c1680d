"""Imports 导入 of paper reports: a sheet is uploaded, read, confirmed by a person, stored.

``WAITING -> READ | REFUSED``; when confirmed ``TAKING -> TAKEN``. Reading and storing are done by
a worker, as a sheet of 50,000 rows takes a while and no page should wait for it. The rows are
stored once read; lots are stored together with the progress, so that another worker can resume
after a crash.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import Problem, conflict, not_found
from hub.services.audit import audit_log
from hub.services.reports import paper_reports
from hub.services.reports.intake import NewReport
from hub.services.reports.paper_reports import Row, Sheet
from models import PaperImport, User
from models.states import AT_WORK, ImportState

SHOWN_GOOD, SHOWN_BAD = 20, 50
PROGRESS_EVERY = 2_000  # rows read between two progress updates


def receive(session: Session, user_id: int, name: str, body: bytes) -> PaperImport:
    """Store a file to be read. Raises Problem 422 when it is no XLSX at all."""
    paper_reports.check_unpacked_size(body)
    kept = PaperImport(name=name, body=body, made_by_id=user_id)
    session.add(kept)
    session.flush()
    return kept


def of(session: Session, user_id: int, id_: int, lock: bool = False) -> PaperImport:
    """The officer's own upload. Raises Problem 404."""
    found = session.get(PaperImport, id_, with_for_update=dict(CHANGING) if lock else None)
    if found is None or found.made_by_id != user_id:
        raise not_found("没有这个导入文件。")
    return found


def confirm(session: Session, user_id: int, id_: int) -> PaperImport:
    """Confirm the good rows to be stored; idempotent. Raises Problem 404 or 409."""
    file = of(session, user_id, id_, lock=True)
    if file.state == ImportState.READ:
        file.state, file.done = ImportState.TAKING, 0
    elif file.state not in (ImportState.TAKING, ImportState.TAKEN):
        raise conflict("这份登记表还没有读完，或不能导入。")
    session.flush()
    return file


def due(session: Session) -> tuple[int, str] | None:
    """The oldest sheet to be read or stored by a worker."""
    query = select(PaperImport.id, PaperImport.state)
    waiting = query.where(PaperImport.state.in_(AT_WORK)).order_by(PaperImport.id)
    row = session.execute(waiting.limit(1)).first()
    return (row[0], row[1]) if row else None


def body(session: Session, id_: int) -> bytes:
    """The file as it was uploaded."""
    return session.scalars(select(PaperImport.body).where(PaperImport.id == id_)).one()


def read(raw: bytes, tell: Callable[[int], None]) -> Sheet | str:
    """The checked sheet, or the reason why it is none. `tell` is called with the rows read."""

    def heard(place: int) -> None:
        if place % PROGRESS_EVERY == 0:
            tell(place)

    try:
        return paper_reports.read(raw, heard)
    except Problem as problem:
        return problem.detail
    except Exception:  # an uploaded file may be wrong in any way, also in its middle
        return "文件已损坏，读不到末尾。请用表格软件打开另存后再上传。"


def keep(session: Session, id_: int, sheet: Sheet | str) -> None:
    """Store what was read, unless another worker did."""
    file = session.get_one(PaperImport, id_, with_for_update=dict(CHANGING))
    if file.state != ImportState.WAITING:
        return
    if isinstance(sheet, str):
        file.state, file.problem = ImportState.REFUSED, sheet
        return
    good = [report.payload for report in sheet.good]
    bad = [_told(row) for row in sheet.bad]
    file.state, file.rows, file.good, file.bad = (
        ImportState.READ,
        len(sheet.rows),
        len(good),
        len(bad),
    )
    file.known = paper_reports.known(session, sheet)
    file.shown = {"good": good[:SHOWN_GOOD], "bad": bad[:SHOWN_BAD]}
    checked = json.dumps({"good": good, "bad": bad}, ensure_ascii=False)
    file.checked = gzip.compress(checked.encode(), 1)
    session.flush()


def note_progress(session: Session, id_: int, done: int) -> None:
    """Update the progress: how many rows were read so far."""
    session.get_one(PaperImport, id_).done = done
    session.flush()


def _told(row: Row) -> dict[str, Any]:
    cells = [paper_reports.plain(cell) for cell in row.cells]
    return {"place": row.place, "cells": cells, "problems": row.problems}


def checked(session: Session, id_: int) -> dict[str, list[Any]]:
    """The rows read: ``good`` payloads, and ``bad`` rows with their place, cells and problems."""
    kept = session.scalars(select(PaperImport.checked).where(PaperImport.id == id_)).one()
    return json.loads(gzip.decompress(kept)) if kept else {"good": [], "bad": []}


def store_some(session: Session, id_: int, good: list[Any]) -> bool:
    """Store the next lot of the good rows; returns whether it was the last."""
    query = select(PaperImport).where(PaperImport.id == id_).with_for_update(**CHANGING)
    file = session.scalars(query).one()
    if file.state != ImportState.TAKING:
        return True
    lot = [_report(payload) for payload in good[file.done : file.done + paper_reports.LOT]]
    file.stored += paper_reports.store(session, file.id, file.done, lot)
    file.done += len(lot)
    if file.done < len(good):
        session.flush()
        return False
    file.state, file.taken_at = ImportState.TAKEN, func.now()
    session.flush()
    by = session.get_one(User, file.made_by_id).username
    audit_log.note(
        session, by, "paper_reports_taken", file=file.id, stored=file.stored, refused=file.bad
    )
    return True


def _report(payload: dict[str, Any]) -> NewReport:
    at = datetime.fromisoformat(payload["reported_at"])
    return NewReport(payload["report_id"], payload["kind"], at, payload["content"]["text"], payload)
