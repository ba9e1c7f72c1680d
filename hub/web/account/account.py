"""A person's own account: where they are logged in, and their password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from hub.database import session_scope
from hub.problems import Problem, invalid, not_found
from hub.services.audit import audit_log
from hub.services.people import accounts, passwords, sessions, wellbeing
from hub.web.common import forms
from hub.web.common.access import READERS, roles
from models import ENGINEER, ROLES, User

blueprint = Blueprint("account", __name__, url_prefix="/account")
_ID = f"<int(max={forms.MAX_ID}):id_>"
# Looked for in this order: Edge also says Chrome, and Chrome also says Safari.
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@blueprint.get("")
@roles(*ROLES, ENGINEER)
def show():
    """The own sessions and password."""
    return _page()


def _page(problem: Problem | None = None):
    with session_scope() as db:
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
def wish():
    """How disturbing things are shown, and when a hint is due."""
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
def end(id_: int):
    """End one of the own sessions."""
    with session_scope() as db:
        if not sessions.end(db, current_user.id, id_):
            raise not_found("没有这个会话，或者它已经结束。")
        audit_log.note(db, current_user.username, "session_ended", sessions=1)
    flash("该会话已结束。")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/end")
@roles(*ROLES, ENGINEER)
def end_others():
    """End all the own sessions but this one."""
    with session_scope() as db:
        ended = sessions.end_all(db, current_user.id, but=current_user.session_id)
        audit_log.note(db, current_user.username, "session_ended", sessions=ended)
    flash(f"其他 {ended} 个会话已结束。")
    return redirect(url_for("account.show"), 303)


@blueprint.post("/password")
@roles(*ROLES, ENGINEER)
def password():
    """A new password, for the old one; the other sessions end."""
    try:
        _change(*(request.form.get(f, "")[:2048] for f in ("password", "new", "again")))
    except Problem as problem:
        return _page(problem)
    flash("密码已修改，其他会话已结束。")
    return redirect(url_for("account.show"), 303)


def _change(old: str, new: str, again: str) -> None:
    with session_scope() as db:  # of its own: a wrong password counts although nothing else is done
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
    """`Chrome · Windows` of a User-Agent; its beginning where that says neither."""
    named = [
        next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, named)) or agent[:40] or "未知设备"
