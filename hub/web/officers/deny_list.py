"""The deny-list 限制入驻名单: who is barred, until when, and which platforms fetched it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.merchants import deny_list_entries, deny_list_versions
from hub.desk.merchants.deny_list_entries import DenyListLine, Viewer
from hub.services.audit import audit_log
from hub.services.merchants import deny_list
from hub.services.office import spreadsheets
from hub.web.common import downloads, forms
from hub.web.common.access import READERS, personal, roles

blueprint = Blueprint("denylist", __name__)
_ROLES = (*READERS, "admin")


def _viewer() -> Viewer:
    return Viewer(current_user.id, named=current_user.role in READERS)


def _filters() -> tuple[str, str]:
    tab = forms.query("state")
    return tab if tab in deny_list_entries.TABS else "in_force", forms.query("q")


@blueprint.get("/denylist")
@roles(*_ROLES)
@personal
def index() -> ResponseReturnValue:
    """One page of the list, and the version each platform has fetched."""
    tab, q = _filters()
    with reading_scope() as session:
        found = deny_list_entries.page(session, _viewer(), tab, q, forms.page())
        holdings, version = deny_list_versions.holdings(session), deny_list.version(session)
    return render_template(
        "officers/denylist.html", found=found, tab=tab, q=q, page=forms.page(),
        tabs=deny_list_entries.TABS, holdings=holdings, version=version,
        viewer=_viewer(), soon=deny_list_entries.SOON,
    )  # fmt: skip


@blueprint.get("/denylist/versions")
@roles(*_ROLES)
@personal
def versions() -> ResponseReturnValue:
    """What changed in each version, and which platform fetched it when."""
    with reading_scope() as session:
        changes, more = deny_list_versions.listed(session, _viewer(), forms.page())
    return render_template(
        "officers/denylist_versions.html",
        changes=changes,
        more=more,
        page=forms.page(),
        viewer=_viewer(),
    )


@blueprint.get(f"/denylist/<int(max={forms.MAX_ID}):id_>")
@roles(*_ROLES)
@personal
def show(id_: int) -> ResponseReturnValue:
    """One entry: its ground, its versions, the orders to each platform and their execution."""
    with reading_scope() as session:
        found = deny_list_entries.one(session, _viewer(), id_)
        changes = deny_list_versions.of_entry(session, _viewer(), id_)
    return render_template(
        "officers/denylist_entry.html",
        found=found,
        line=found.line,
        changes=changes,
        viewer=_viewer(),
    )


@blueprint.get("/denylist.xlsx")
@roles(*_ROLES)
def xlsx() -> ResponseReturnValue:
    """The filtered entries as XLSX."""
    return _export("xlsx")


@blueprint.get("/denylist.csv")
@roles(*_ROLES)
def csv() -> ResponseReturnValue:
    """The filtered entries as CSV."""
    return _export("csv")


_COLUMNS: tuple[tuple[str, Callable[[DenyListLine], Any]], ...] = (
    ("编号", lambda e: f"deny_{e.id}"),
    ("商户", lambda e: e.name),
    ("统一社会信用代码", lambda e: e.uscc),
    ("商户编号", lambda e: f"M{e.merchant_id}"),
    ("理由", lambda e: e.reason),
    ("法律依据", lambda e: "；".join(e.grounds)),
    ("处理决定", lambda e: f"C{e.case_id}-{e.decision}"),
    ("状态", lambda e: deny_list_entries.TABS[e.state]),
    ("列入", lambda e: e.starts_at),
    ("有效至", lambda e: e.expires_at or "长期"),
    ("解除", lambda e: e.ended_at),
    ("解除理由", lambda e: e.ended_because),
    ("申诉", lambda e: e.appeal and words.APPEALS[e.appeal]),
    ("名单版本", lambda e: e.version),
    ("应执行平台", lambda e: e.ordered),
    ("已执行平台", lambda e: e.done),
)


def _export(ending: str) -> Response:
    tab, q = _filters()
    with session_scope() as session:
        listed = deny_list_entries.every(session, _viewer(), tab, q, spreadsheets.MOST_ROWS)
        audit_log.note(
            session, current_user.username, "exported", list="denylist", rows=len(listed)
        )
    rows = ([show(line) for _, show in _COLUMNS] for line in listed)
    return downloads.download(
        "限制入驻名单", [name for name, _ in _COLUMNS], rows, "denylist", ending
    )
