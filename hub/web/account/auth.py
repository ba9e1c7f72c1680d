"""Login and logout. A session ends at logout, after 30 idle minutes, after 8 hours, when its owner
ends it elsewhere or changes the password, when the role changes or the account is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.database import autocommit_scope, session_scope
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.people import accounts, sessions
from hub.services.platforms import rate_limits
from hub.web.common import forms, show
from hub.web.common.access import open_to_all, roles
from models import ENGINEER, ROLES, User

blueprint = Blueprint("auth", __name__)
login_manager = LoginManager()
TRIES = (20 / 60, 20.0)  # login attempts from one address: rate per second, burst

_FAILED = "用户名或密码不正确，或账号暂时不可用。"


@dataclass(frozen=True)
class OfficerSession:
    """The logged-in user in the form Flask-Login needs."""

    id: int
    username: str
    name: str
    role: str
    session_id: int  # of the server-side login session
    token: str
    platform_id: int | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @classmethod
    def of(cls, user: User, session_id: int, token: str) -> OfficerSession:
        return cls(
            user.id, user.username, user.name, user.role, session_id, token, user.platform_id
        )

    def get_id(self) -> str:
        """The value in the cookie."""
        return self.token


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    show.register(app)
    # A lazy global: an error page must not query the database for the user.
    app.jinja_env.globals["current_user"] = current_user


@login_manager.user_loader
def load(token: str) -> OfficerSession | None:
    """The user of a live session."""
    with autocommit_scope() as db:  # writes at most when the session was last used
        found = sessions.holder(db, token, seen="X-Background" not in request.headers)
    if found is None:
        session.clear()
        return None
    user, login = found
    return OfficerSession.of(user, login.id, token)


@blueprint.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    """The login form."""
    if current_user.is_authenticated:
        return redirect(url_for("queue.home"))
    return render_template("account/login.html", next=_local(request.args.get("next")))


@blueprint.post("/login")
@open_to_all
def enter() -> ResponseReturnValue:
    """Check username and password. Every failure gives the same message."""
    _limit_tries()
    username, password = forms.line("username", 64), request.form.get("password", "")[:1024]
    target = _local(request.form.get("next"))
    with session_scope() as db:
        user = accounts.authenticate(db, username, password)
        token = open_session(db, user, "password") if user else ""
    if user is None:
        page = render_template("account/login.html", next=target, username=username, failed=_FAILED)
        return page, 401
    return log_in(user, token, target)


def open_session(db: Session, user: User, by: str) -> str:
    """Open a session for an authenticated user; returns the token for `log_in`."""
    if by == "password":
        audit_log.note(db, user.username, "login")
    else:
        audit_log.note(db, user.username, "login", by=by)
    device = request.headers.get("User-Agent", "")
    return sessions.begin(db, user, device, request.remote_addr or "-", by)


def log_in(user: User, token: str, target: str = "") -> Response:
    """Give the browser its session, once that is committed, and redirect."""
    session.clear()  # nothing of the anonymous session survives, its CSRF token included
    session.permanent = True
    login_user(OfficerSession.of(user, 0, token))
    return redirect(target or url_for("queue.home"), 303)


def _limit_tries() -> None:
    try:
        rate_limits.spend(f"login:{request.remote_addr}", 1, *TRIES, batch=1)
    except Problem as problem:
        problem.detail = "登录尝试过于频繁，请一分钟后再试。"
        raise


@blueprint.post("/logout")
@roles(*ROLES, ENGINEER)
def logout() -> ResponseReturnValue:
    """End this session; those on other devices continue."""
    with session_scope() as db:
        sessions.end(db, current_user.id, current_user.session_id)
        audit_log.note(db, current_user.username, "logout")
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"), 303)


def _local(target: str | None) -> str:
    """`target` if it is a path of this site, else empty: no open redirect."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    if any(ord(c) < 0x20 or c == "\\" for c in target):
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc else target[:500]
