"""Login and sessions of officers. A session ends at logout, after 30 idle minutes, after 8 hours,
when its officer logs out elsewhere, changes the password or is deactivated."""

from __future__ import annotations

import time
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
from flask_login import LoginManager, current_user, login_user, logout_user

from hub.database import session_scope
from hub.problems import Problem
from hub.services import accounts, audit, limits
from hub.web import forms, show
from hub.web.access import open_to_all, roles
from models import ENGINEER, ROLES, User

blueprint = Blueprint("auth", __name__)
login_manager = LoginManager()
TRIES = (20 / 60, 20.0)  # logins from one address, a second and at once

LONGEST = 8 * 3600  # seconds a session lasts
IDLE = 30 * 60  # seconds it lasts without a request
_WRITE_EVERY = 60  # seconds between two renewals of the cookie
_FAILED = "用户名或密码不正确，或账号暂时不可用。"


@dataclass(frozen=True)
class OfficerSession:
    """Who is logged in, as Flask-Login wants it; the table knows nothing of logins."""

    id: int
    username: str
    name: str
    role: str
    epoch: int
    platform_id: int | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @classmethod
    def of(cls, user: User) -> OfficerSession:
        return cls(
            user.id, user.username, user.name, user.role, user.session_epoch, user.platform_id
        )

    def get_id(self) -> str:
        """The epoch is in the cookie: raising it ends every older session."""
        return f"{self.id}.{self.epoch}"


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    show.register(app)
    # Looked up only where a page shows it: an error page must not ask the database who is there.
    app.jinja_env.globals["current_user"] = current_user


@login_manager.user_loader
def load(kept: str) -> OfficerSession | None:
    """The officer of a session that has not ended."""
    if not _in_time():
        return None
    user_id, _, epoch = kept.partition(".")
    with session_scope() as db:
        user = db.get(User, int(user_id))
        if user is None or not user.active or str(user.session_epoch) != epoch:
            return None
        return OfficerSession.of(user)


def _in_time() -> bool:
    """Whether the session is neither too old nor idle too long; a page that merely refreshes
    itself in the background is no sign of a person."""
    now = int(time.time())
    began, seen = session.get("began", 0), session.get("seen", 0)
    if now - began > LONGEST or now - seen > IDLE:
        session.clear()
        return False
    if now - seen > _WRITE_EVERY and "X-Background" not in request.headers:
        session["seen"] = now
    return True


@blueprint.get("/login")
@open_to_all
def login():
    """The login form."""
    if current_user.is_authenticated:
        return redirect(url_for("queue.home"))
    return render_template("login.html", next=_local(request.args.get("next")))


@blueprint.post("/login")
@open_to_all
def enter():
    """Check name and password. Every failure reads the same."""
    _limit_tries()
    username, password = forms.line("username", 64), request.form.get("password", "")[:1024]
    target = _local(request.form.get("next"))
    with session_scope() as db:
        user = accounts.authenticate(db, username, password)
        if user:
            audit.note(db, user.username, "login")
    if user is None:
        page = render_template("login.html", next=target, username=username, failed=_FAILED)
        return page, 401
    session.clear()  # nothing of the stranger's session, its token included, lives on
    session["began"] = session["seen"] = int(time.time())
    session.permanent = True
    login_user(OfficerSession.of(user))
    return redirect(target or url_for("queue.home"), 303)


def _limit_tries() -> None:
    try:
        limits.spend(f"login:{request.remote_addr}", 1, *TRIES, handful=1)
    except Problem as problem:
        problem.detail = "登录尝试过于频繁，请一分钟后再试。"
        raise


@blueprint.post("/logout")
@roles(*ROLES, ENGINEER)
def logout():
    """End every session of the officer, on every device."""
    with session_scope() as db:
        user = db.get_one(User, current_user.id)
        accounts.end_sessions(user)
        audit.note(db, user.username, "logout")
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"), 303)


def _local(target: str | None) -> str:
    """`target` if it is a path of this site, else nothing: no redirect leads elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    if any(ord(c) < 0x20 or c == "\\" for c in target):
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc else target[:500]
