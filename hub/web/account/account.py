"""The user's own account: login sessions, password, and how disturbing material is shown."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope, session_scope
from hub.problems import Problem, invalid, not_found
from hub.services.audit import audit_log
from hub.services.people import accounts, passwords, sessions, wellbeing
from hub.web.common import forms
from hub.web.common.access import READERS, roles
from models import ENGINEER, ROLES, User

blueprint = Blueprint("account", __name__, url_prefix="/account")
_ID = f"<int(max={forms.MAX_ID}):id_>"
# In this order: Edge's User-Agent also contains Chrome, and Chrome's contains Safari.
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@blueprint.get("")
@roles(*ROLES, ENGINEER)
def show() -> ResponseReturnValue:
    """The user's sessions and password form."""
    return _page()


def _page(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as db:
        found = sessions.live(db, current_user.id)
        gentle = {
            "wish": wellbeing.wish(db, current_user.id),
            "opened": wellbeing.opened(db, current_user.username),
        }
    page = render_template(
        "account/account.html",
        sessions=found,
        device=_device,
        care=gentle if current_user.role in READERS else None,
        problem=problem,
    )
    return page, problem.status if problem else 200


@blueprint.post("/care")
@roles(*READERS)
def wish() -> ResponseReturnValue:
    """Save how disturbing material is shown, and after how much of it a break is suggested."""
    after = forms.line("hint_after", 4)
    try:
        with session_scope() as db:
            wellbeing.set_wish(
                db, current_user.id, forms.line("pictures", 4), forms.line("marked", 4),
                int(after) if after.isascii() and after.isdigit() else 0,
            )  # fmt: skip
    except Problem as problem:
        return _page(problem)
    flash("已保存。")
    return redirect(url_for("account.show"), 303)


@blueprint.post(f"/sessions/{_ID}/end")
@roles(*ROLES, ENGINEER)
def end(id_: int) -> ResponseReturnValue:
    """End one of the user's sessions. Raises Problem 404."""
    with session_scope() as db:
        if not sessions.end(db, current_user.id, id_):
            raise not_found("没有这个会话，或者它已经结束。")
        audit_log.note(db, current_user.username, "session_ended", sessions=1)
    flash("该会话已结束。")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/end")
@roles(*ROLES, ENGINEER)
def end_others() -> ResponseReturnValue:
    """End all the user's sessions except this one."""
    with session_scope() as db:
        ended = sessions.end_all(db, current_user.id, but=current_user.session_id)
        audit_log.note(db, current_user.username, "session_ended", sessions=ended)
    flash(f"其他 {ended} 个会话已结束。")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/password")
@roles(*ROLES, ENGINEER)
def password() -> ResponseReturnValue:
    """Change the password; the other sessions end."""
    try:
        _change(*(request.form.get(f, "")[:2048] for f in ("password", "new", "again")))
    except Problem as problem:
        return _page(problem)
    flash("密码已修改，其他会话已结束。")
    return redirect(url_for("account.show"), 303)


def _change(old: str, new: str, again: str) -> None:
    with session_scope() as db:  # its own transaction: a wrong attempt is counted
        known = accounts.authenticate(db, current_user.username, old) is not None
    if not known:
        raise invalid("password", "原密码不正确，或账号因多次错误暂时锁定。")
    if new != again:
        raise invalid("again", "两次输入的新密码不一致。")
    if new == old:
        raise invalid("new", "新密码不能与原密码相同。")
    with session_scope() as db:
        user = db.get_one(User, current_user.id)
        try:
            accounts.set_password(db, user, new, keep=current_user.session_id)
        except passwords.WeakPassword as weak:
            raise invalid("new", weak.said) from None
        audit_log.note(db, user.username, "password_changed")


def _device(agent: str) -> str:
    """`Chrome · Windows` of a User-Agent; its beginning where neither is known."""
    named = [
        next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, named)) or agent[:40] or "未知设备"
