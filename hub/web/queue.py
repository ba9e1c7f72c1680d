"""The queue: what waits for an officer, most pressing first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from hub.database import session_scope
from hub.services.desk import queue as desk
from hub.web import forms
from hub.web.access import roles
from models import ENGINEER, ROLES

blueprint = Blueprint("queue", __name__)
_KNOWN = ("state", "kind", "platform", "about", "mine", "q")
READERS = ("clerk", "handler", "approver", "auditor")


@blueprint.get("/")
@roles(*ROLES, ENGINEER)
def home():
    """Each role's first page."""
    if current_user.role == "admin":
        return redirect(url_for("admin.platforms"))
    if current_user.role == ENGINEER:
        return redirect(url_for("platform.home"))
    if current_user.role == "approver":
        return redirect(url_for("queue.show", state="proposed"))
    return redirect(url_for("queue.show"))


@blueprint.get("/queue")
@roles(*READERS)
def show():
    """One page of the queue."""
    with session_scope() as session:
        page = desk.page(session, _filters(), forms.page())
    return render_template("queue.html", queue=page, tabs=desk.TABS, link=_link)


def _filters() -> desk.Filters:
    tab, kind = forms.query("state").lower(), forms.query("kind")
    return desk.Filters(
        tab=tab if tab in desk.TABS else "waiting",
        kind=kind if kind in ("rumor", "violation") else "",
        platform=forms.query("platform", 32),
        about=forms.query("about", 40),
        owner_id=current_user.id if request.args.get("mine") == "1" else None,
        q=forms.query("q"),
    )


def _link(**change: str | int) -> str:
    """The address of this queue with one thing changed; from the first page unless told."""
    kept: dict[str, Any] = {k: v for k, v in request.args.items() if v and k in _KNOWN}
    return url_for("queue.show", **(kept | change))
