"""The queue: open cases by priority, with filters and exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.queue import case_lines, masked_search
from hub.desk.queue import queue as desk
from hub.services.audit import audit_log
from hub.services.cases import assignment
from hub.services.office import spreadsheets
from hub.services.people import saved_views
from hub.services.privacy import masking
from hub.web.common import charts, downloads, forms
from hub.web.common.access import READERS, remember, roles
from models import ENGINEER, ROLES

blueprint = Blueprint("queue", __name__)
FILTERS = ("state", "kind", "platform", "region", "about", "owner", "q", "clock")
# Parameters of views saved before the owner filter existed.
_OLD_OWNER = {"mine": desk.ME, "free": desk.NOBODY}


@blueprint.get("/")
@roles(*ROLES, ENGINEER)
def home() -> ResponseReturnValue:
    """Redirect to the role's first page."""
    if current_user.role == "admin":
        return redirect(url_for("admin.platforms"))
    if current_user.role == "department":
        return redirect(url_for("shared.index"))
    if current_user.role == ENGINEER:
        return redirect(url_for("platform.home"))
    if current_user.role == "approver":
        return redirect(url_for("queue.show", state="proposed"))
    return redirect(url_for("queue.show"))


@blueprint.get("/queue")
@roles(*READERS)
def show() -> ResponseReturnValue:
    """One page of the queue."""
    with reading_scope() as session:
        page = desk.page(session, filters(), forms.page())
        saved = saved_views.of(session, current_user.id)
    return render_template(
        "officers/queue.html",
        queue=page,
        tabs=desk.TABS,
        views=saved,
        link=_link,
        to=to,
        unknown_region=desk.UNKNOWN,
        spark=charts.sparkline,
        undo=request.args.get("undo", type=int),
        triages=current_user.role in assignment.HOLDERS,
        now=datetime.now(UTC),
    )


@blueprint.get("/queue.xlsx")
@roles(*READERS)
def xlsx() -> ResponseReturnValue:
    """The filtered queue as XLSX."""
    return _export("xlsx")


@blueprint.get("/queue.csv")
@roles(*READERS)
def csv() -> ResponseReturnValue:
    """The filtered queue as CSV."""
    return _export("csv")


def _export(ending: str) -> Response:
    with session_scope() as session:
        listed = desk.every(session, filters(), spreadsheets.MOST_ROWS)
        audit_log.note(session, current_user.username, "exported", list="queue", rows=len(listed))
    rows = ([show(line) for _, show in _COLUMNS] for line in listed)
    return downloads.download("案件", [name for name, _ in _COLUMNS], rows, "cases", ending)


_COLUMNS: tuple[tuple[str, Callable[[case_lines.CaseLine], Any]], ...] = (
    ("编号", lambda c: f"C{c.id}"),
    ("类别", lambda c: words.KINDS[c.kind]),
    ("标题", lambda c: "令人不适，标题已遮盖" if c.covered else masking.mask(c.title)),
    ("商户", lambda c: c.merchant and masking.mask(c.merchant[1])),
    ("类型与主题", lambda c: "、".join(map(str, c.about))),
    ("举报数", lambda c: c.demand),
    ("举报人", lambda c: c.reporters),
    ("其中辟谣", lambda c: c.denied),
    ("平台", lambda c: "、".join(f"{name}{n}" for name, n in c.spread)),
    ("紧急度", lambda c: round(c.urgency, 3)),
    ("优先级", lambda c: round(c.priority, 3)),
    ("状态", lambda c: words.CASE_STATES.get(c.state, c.state)),
    ("承办人", lambda c: c.owner),
    ("首次举报", lambda c: c.opened_at),
    ("最近举报", lambda c: c.last_report_at),
    ("期限", lambda c: c.clock and c.clock.rule.label),
    ("期限至", lambda c: c.clock and c.clock.clock.due_on),
    ("剩余工作日", lambda c: c.clock and c.clock.left),
)


def filters() -> desk.Filters:
    """The filters of this address; invalid values mean any. Searching for a person's number is
    logged as viewing personal data."""
    if (number := masked_search.whole(forms.query("q"))) is not None:
        remember("queue.show", f"按完整号码搜索 {masking.starred(number)}")
    tab, kind = forms.query("state").lower(), forms.query("kind")
    return desk.Filters(
        tab=tab if tab in desk.TABS else "waiting",
        kind=kind if kind in ("rumor", "violation") else "",
        platform=forms.query("platform", 32),
        region=forms.query("region", 2),
        about=forms.query("about", 40),
        owner=_owner(),
        q=forms.query("q"),
        viewer_id=current_user.id,
        clock=clock if (clock := forms.query("clock")) in ("soon", "overdue") else "",
    )


def _owner() -> str:
    old = (owner for name, owner in _OLD_OWNER.items() if request.args.get(name) == "1")
    return forms.query("owner", 64) or next(old, "")


def to(endpoint: str, **more: Any) -> str:
    """The address of an action on this queue, which returns to the same filters."""
    kept: dict[str, Any] = {k: v for k, v in request.args.items() if v and k in FILTERS}
    if owner := _owner():
        kept["owner"] = owner
    return url_for(endpoint, **(kept | more))


def _link(**change: str | int) -> str:
    """The address of this queue with some parameters changed; the first page by default."""
    return to("queue.show", **change)
