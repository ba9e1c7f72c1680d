"""Reports taken on paper: upload a sheet, look at what will be made, say yes."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import bell
from hub.database import session_scope
from hub.problems import Problem, not_found
from hub.services import audit, paper_reports
from hub.web import forms, sheets
from hub.web.access import roles
from models import PaperImport

blueprint = Blueprint("imports", __name__, url_prefix="/import")
_ID = f"<int(max={forms.MAX_ID}):id_>"
_MAY = ("clerk", "handler")
_EXAMPLE = (
    "2026-0001", "违法行为", "2026-01-31 09:30", "口罩平时2元一只，现在卖到15元一只",
    "口罩涨价", "", "", "安心护具店", "", "", "", "哄抬价格", "是",
)  # fmt: skip


@blueprint.get("")
@roles(*_MAY)
def start():
    """The form for a sheet."""
    return _start()


def _start(problem: Problem | None = None):
    page = render_template("import.html", problem=problem, most=paper_reports.MOST_ROWS)
    return page, problem.status if problem else 200


@blueprint.get("/template.xlsx")
@roles(*_MAY)
def template():
    """An empty sheet with one example row."""
    return _sheet("登记模板", [list(_EXAMPLE)], "template")


@blueprint.post("")
@roles(*_MAY)
def upload():
    """Keep the sheet and show what it would make; nothing is made yet."""
    given = request.files.get("file")
    try:
        body = given.read() if given else b""
        sheet = paper_reports.read(body)
    except Problem as problem:
        return _start(problem)
    with session_scope() as session:
        name = forms.cleaned((given and given.filename) or "")[:200]
        kept = PaperImport(name=name, body=body, made_by_id=current_user.id)
        session.add(kept)
        session.flush()
        sheet.known = paper_reports.known(session, sheet)
        return render_template("import_preview.html", file=kept, sheet=sheet, **_heads())


def _heads() -> dict[str, list[str]]:
    return {"heads": list(paper_reports.COLUMNS)}


@blueprint.post(f"/{_ID}")
@roles(*_MAY)
def take(id_: int):
    """Make the reports of the good rows."""
    with session_scope() as session:
        file = _file(session, id_)
        sheet = paper_reports.read(file.body)
        stored = paper_reports.take(session, file, sheet)
        audit.note(
            session, current_user.username, "paper_reports_taken",
            file=file.id, stored=stored, refused=len(sheet.bad),
        )  # fmt: skip
    bell.ring("assess")
    flash(f"已导入 {stored} 件举报，{len(sheet.bad)} 行有误未导入。")
    return redirect(url_for("queue.show"), 303)


@blueprint.get(f"/{_ID}/errors.xlsx")
@roles(*_MAY)
def errors(id_: int):
    """The rows that were not taken, each with what is wrong, to mend and upload again."""
    with session_scope() as session:
        sheet = paper_reports.read(_file(session, id_).body)
    rows = [[*row.cells, "；".join(row.problems), row.place] for row in sheet.bad]
    return _sheet("有误的行", rows, "errors", ["问题", "原行号"])


def _file(session: Session, id_: int) -> PaperImport:
    file = session.get(PaperImport, id_)
    if file is None or file.made_by_id != current_user.id:
        raise not_found("没有这个导入文件。")
    return file


def _sheet(title: str, rows: list[list], name: str, more: list[str] | None = None) -> Response:
    return sheets.download(title, [*paper_reports.COLUMNS, *(more or [])], rows, name)
