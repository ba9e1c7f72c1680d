"""Reports taken on paper: upload a sheet, look at what will be made, say yes."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from hub import bell
from hub.database import session_scope
from hub.problems import Problem
from hub.services.reports import paper_imports, paper_reports
from hub.web.common import downloads, forms
from hub.web.common.access import roles
from models.states import AT_WORK

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
    page = render_template("officers/import.html", problem=problem, most=paper_reports.MOST_ROWS)
    return page, problem.status if problem else 200


@blueprint.get("/template.xlsx")
@roles(*_MAY)
def template():
    """An empty sheet with one example row."""
    return _sheet("登记模板", [list(_EXAMPLE)], "template")


@blueprint.post("")
@roles(*_MAY)
def upload():
    """Keep the sheet; a worker reads it, and its page shows what it would make."""
    given = request.files.get("file")
    try:
        with session_scope() as session:
            name = forms.cleaned((given and given.filename) or "")[:200]
            body = given.read() if given else b""
            id_ = paper_imports.receive(session, current_user.id, name, body).id
    except Problem as problem:
        return _start(problem)
    bell.ring("remind")
    return redirect(url_for("imports.show", id_=id_), 303)


@blueprint.get(f"/{_ID}")
@roles(*_MAY)
def show(id_: int):
    """How far the sheet is: being read, what it would make, being stored, done."""
    with session_scope() as session:
        file = paper_imports.of(session, current_user.id, id_)
    answer = make_response(render_template("officers/import_preview.html", file=file))
    if file.state in AT_WORK:
        answer.headers["Refresh"] = "2"  # without a script too
    return answer


@blueprint.post(f"/{_ID}")
@roles(*_MAY)
def take(id_: int):
    """Make the reports of the good rows."""
    with session_scope() as session:
        paper_imports.say_yes(session, current_user.id, id_)
    bell.ring("remind")
    return redirect(url_for("imports.show", id_=id_), 303)


@blueprint.get(f"/{_ID}/errors.xlsx")
@roles(*_MAY)
def errors(id_: int):
    """The rows that were not taken, each with what is wrong, to mend and upload again."""
    with session_scope() as session:
        paper_imports.of(session, current_user.id, id_)
        bad = paper_imports.checked(session, id_)["bad"]
    rows = [[*row["cells"], "；".join(row["problems"]), row["place"]] for row in bad]
    return _sheet("有误的行", rows, "errors", ["问题", "原行号"])


def _sheet(title: str, rows: list[list], name: str, more: list[str] | None = None) -> Response:
    return downloads.download(title, [*paper_reports.COLUMNS, *(more or [])], rows, name)
