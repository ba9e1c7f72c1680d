"""Access control, default deny: a view without a declaration is refused to everybody.

`@roles(...)` and `@open_to_all` declare who may use a view; a test checks every route with every
role. `@personal` declares that a page shows personal data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import insert

from hub.database import autocommit
from hub.problems import Problem
from hub.services.people import wellbeing
from hub.web.common import forms
from models import ENGINEER, ROLES, Viewing

View = TypeVar("View", bound=Callable)
EVERYONE = "everyone"
READERS = ("clerk", "handler", "approver", "auditor")  # who reads cases
_FILES = ("static", "bootstrap.static")


def roles(*allowed: str) -> Callable[[View], View]:
    """Users of these roles may use the view. Raises ValueError for an unknown role."""
    unknown = set(allowed) - {*ROLES, ENGINEER}
    if unknown:
        raise ValueError(f"unknown roles {unknown}")

    def mark(view: View) -> View:
        view.allowed = frozenset(allowed)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Anybody may reach the view; it authenticates by itself, or shows nothing confidential."""
    view.allowed = EVERYONE  # type: ignore[attr-defined]
    return view


def personal(view: View) -> View:
    """The view shows personal data: each viewing is logged before the page is shown."""
    view.personal = True  # type: ignore[attr-defined]
    return view


def remember(endpoint: str, what: str) -> None:
    """Log that this officer views personal data. If the database is away, neither the record nor
    the page is made."""
    seen = {
        "username": current_user.username,
        "page": endpoint,
        "what": what[:200],
        "address": (request.remote_addr or "-")[:64],
    }
    with autocommit() as connection:
        connection.execute(insert(Viewing), seen)


def veiled(gentle: wellbeing.Care, what: str) -> bool:
    """Whether material marked as disturbing stays covered on this page; opening it is logged."""
    if not gentle.marked:
        return False
    if gentle.wish.marked == "veil" and request.args.get("shown") != "1":
        return True
    if not forms.background():
        remember(wellbeing.SHOWN, what)
    return False


def allowed_roles(app: Flask, endpoint: str) -> frozenset[str] | str | None:
    """Who may use an endpoint: roles, EVERYONE, or None when undeclared."""
    view = app.view_functions.get(endpoint)
    return getattr(view, "allowed", None)


def guard() -> ResponseReturnValue | None:
    """Before every request. Raises Problem 401 or 403; redirects anonymous users to the login."""
    if request.endpoint is None or request.endpoint in _FILES:
        return None
    allowed = allowed_roles(current_app, request.endpoint)
    if allowed == EVERYONE:
        return None
    if not current_user.is_authenticated:
        if request.method == "POST" and forms.typed():
            said = "登录已过期，这次操作没有生效。请重新登录后再提交。"
            raise Problem(401, "session_expired", said)
        return redirect(
            url_for("auth.login", next=request.full_path if request.method == "GET" else None)
        )
    if allowed is None or current_user.role not in allowed:
        raise Problem(403, "forbidden", "您的角色无权进行此操作；需要时请联系系统管理员。")
    if hasattr(current_app.view_functions[request.endpoint], "personal"):
        args = sorted((request.view_args or {}).items())
        remember(request.endpoint, ", ".join(f"{k}={v}" for k, v in args))
    return None
