"""Accounts of officers and engineers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.oversight import platform_lines, records
from hub.locks import CHANGING
from hub.problems import Problem, conflict, invalid, not_found, required
from hub.services.audit import audit_log
from hub.services.people import accounts, passwords
from hub.web.admin.blueprint import ID, READERS, blueprint
from hub.web.common import forms
from hub.web.common.access import roles
from models import ENGINEER, Platform, User


@blueprint.get("/users")
@roles(*READERS)
def users() -> ResponseReturnValue:
    """Every account."""
    return _users()


def _users(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        found, platforms = records.users(session), platform_lines.names(session)
    page = render_template(
        "admin/users.html",
        users=found,
        platforms=platforms,
        problem=problem,
        typed=request.form if problem else {},
    )
    return page, problem.status if problem else 200


@blueprint.post("/users")
@roles("admin")
def create_user() -> ResponseReturnValue:
    """Create an account; the first password is handed over in person."""
    try:
        with session_scope() as session:
            _create(session)
    except Problem as problem:
        return _users(problem)
    flash("账号已建立。")
    return redirect(url_for("admin.users"), 303)


def _create(session: Session) -> None:
    username, name = forms.line("username", 64), forms.line("name", 64)
    role, password = forms.line("role", 16), request.form.get("password", "")[:1024]
    _check(session, username, role, password)
    if role == ENGINEER:
        of = session.scalar(select(Platform).where(Platform.slug == forms.line("platform", 32)))
        if of is None:
            raise invalid("platform", "请选择工程师所属的平台。")
        accounts.create_engineer(session, username, name or username, of, password)
    else:
        accounts.create(session, username, name or username, role, password)
    audit_log.note(session, current_user.username, "user_created", user=username, role=role)


def _check(session: Session, username: str, role: str, password: str) -> None:
    required("username", username, "请填写用户名。")
    if role not in words.ROLES:
        raise invalid("role", "请选择角色。")
    try:
        passwords.check(password, username)
    except passwords.WeakPassword as weak:
        raise invalid("password", weak.said) from None
    if session.scalar(select(User.id).where(User.username == username)):
        raise invalid("username", "用户名已被使用。")


@blueprint.post(f"/users/{ID}/deactivate")
@roles("admin")
def deactivate(id_: int) -> ResponseReturnValue:
    """Close an account; its sessions end immediately."""
    return _set_active(id_, False, "user_deactivated", "账号已停用。")


@blueprint.post(f"/users/{ID}/activate")
@roles("admin")
def activate(id_: int) -> ResponseReturnValue:
    """Open an account again."""
    return _set_active(id_, True, "user_activated", "账号已启用。")


def _set_active(id_: int, active: bool, action: str, message: str) -> ResponseReturnValue:
    if id_ == current_user.id:
        return _users(conflict("不能停用自己的账号。"))
    with session_scope() as session:
        user = _locked(session, id_)
        accounts.set_active(session, user, active)
        audit_log.note(session, current_user.username, action, user=user.username)
    flash(message)
    return redirect(url_for("admin.users"), 303)


@blueprint.post(f"/users/{ID}/role")
@roles("admin")
def set_role(id_: int) -> ResponseReturnValue:
    """Change an account's role; its sessions end immediately."""
    if id_ == current_user.id:
        return _users(conflict("不能更改自己的角色。"))
    role = forms.line("role", 16)
    try:
        with session_scope() as session:
            user = _locked(session, id_)
            before = user.role
            accounts.set_role(session, user, role)
            audit_log.note(
                session, current_user.username, "user_role",
                user=user.username, before=before, role=role,
            )  # fmt: skip
    except ValueError:
        return _users(invalid("role", "请选择角色；平台工程师不能改为其他角色。"))
    flash("角色已更改，其登录会话已结束。")
    return redirect(url_for("admin.users"), 303)


def _locked(session: Session, id_: int) -> User:
    user = session.get(User, id_, with_for_update=dict(CHANGING))
    if user is None:
        raise not_found("没有这个账号。")
    return user
