"""Paper reports: upload a spreadsheet, preview what it would create, confirm the import."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub import job_queue
from hub.database import reading_scope, session_scope
from hub.problems import Problem
from hub.services.reports import paper_imports, paper_reports
from hub.web.common import downloads, forms
from hub.web.common.access import roles
from models.states import AT_WORK

blueprint = Blueprint("imports", __name__, url_prefix="/import")
_ID = f"<int(max={forms.MAX_ID}):id_>"
_ROLES = ("clerk", "handler")
_EXAMPLE = (
    "2026-0001", "违法行为", "2026-01-31 09:30", "口罩平时2元一只，现在卖到15元一只",
    "口罩涨价", "", "", "安心护具店", "", "", "", "哄抬价格", "是",
)  # fmt: skip


@blueprint.get("")
@roles(*_ROLES)
def start() -> ResponseReturnValue:
    """The upload form."""
    return _start()


def _start(problem: Problem | None = None) -> ResponseReturnValue:
    page = render_template("officers/import.html", problem=problem, most=paper_reports.MOST_ROWS)
    return page, problem.status if problem else 200


@blueprint.get("/template.xlsx")
@roles(*_ROLES)
def template() -> ResponseReturnValue:
    """An empty spreadsheet with one example row."""
    return _spreadsheet("登记模板", [list(_EXAMPLE)], "template")


@blueprint.post("")
@roles(*_ROLES)
def upload() -> ResponseReturnValue:
    """Store the spreadsheet; a worker reads it, and its page shows what it would create."""
    given = request.files.get("file")
    try:
        with session_scope() as session:
            name = forms.cleaned((given and given.filename) or "")[:200]
            body = given.read() if given else b""
            id_ = paper_imports.receive(session, current_user.id, name, body).id
    except Problem as problem:
        return _start(problem)
    job_queue.notify("remind")
    return redirect(url_for("imports.show", id_=id_), 303)


@blueprint.get(f"/{_ID}")
@roles(*_ROLES)
def show(id_: int) -> ResponseReturnValue:
    """The state of the import: being read, preview, being stored, done."""
    with reading_scope() as session:
        file = paper_imports.of(session, current_user.id, id_)
    answer = make_response(render_template("officers/import_preview.html", file=file))
    if file.state in AT_WORK:
        answer.headers["Refresh"] = "2"  # works without JavaScript
    return answer


@blueprint.post(f"/{_ID}")
@roles(*_ROLES)
def take(id_: int) -> ResponseReturnValue:
    """Confirm: create the reports of the valid rows."""
    with session_scope() as session:
        paper_imports.confirm(session, current_user.id, id_)
    job_queue.notify("remind")
    return redirect(url_for("imports.show", id_=id_), 303)


@blueprint.get(f"/{_ID}/errors.xlsx")
@roles(*_ROLES)
def errors(id_: int) -> ResponseReturnValue:
    """The invalid rows with their errors, to correct and upload again."""
    with reading_scope() as session:
        paper_imports.of(session, current_user.id, id_)
        bad = paper_imports.checked(session, id_)["bad"]
    rows = [[*row["cells"], "；".join(row["problems"]), row["place"]] for row in bad]
    return _spreadsheet("有误的行", rows, "errors", ["问题", "原行号"])


def _spreadsheet(
    title: str, rows: list[list[Any]], name: str, more: list[str] | None = None
) -> Response:
    return downloads.download(title, [*paper_reports.COLUMNS, *(more or [])], rows, name)
