"""What keeps the hub running: platforms, deliveries, people, quarantine, the log, a probe."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hub import bell
from hub.database import session_scope
from hub.desk import words
from hub.desk.oversight import platform_lines as desk
from hub.desk.oversight import records
from hub.locks import CHANGING
from hub.problems import Problem, conflict, invalid, not_found, required
from hub.services.assessment import lifecycle
from hub.services.audit import audit_log as audit
from hub.services.cases import reliability
from hub.services.people import accounts, passwords
from hub.services.platforms import delivery, directory
from hub.web.common import forms
from hub.web.common.access import open_to_all, personal, roles
from models import ENGINEER, Platform, User

blueprint = Blueprint("admin", __name__)
_READERS = ("admin", "auditor")
_ID = f"<int(max={forms.MAX_ID}):id_>"


@blueprint.get("/healthz")
@open_to_all
def health():
    """Whether the database answers, and what waits."""
    try:
        with session_scope() as session:
            return jsonify(database="ok", **records.waiting(session))
    except SQLAlchemyError:
        response = jsonify(database="away")
        response.headers["Retry-After"] = "5"
        return response, 503


@blueprint.get("/platforms")
@roles(*_READERS)
def platforms():
    """Every platform and its health."""
    with session_scope() as session:
        lines = desk.every(session)
    return render_template("admin/platforms.html", platforms=lines)


@blueprint.get("/platforms/<slug>")
@roles(*_READERS)
def platform(slug: str):
    """The delivery log of one platform."""
    state = forms.query("state")
    state = state if state in words.DELIVERY else ""
    with session_scope() as session:
        line = desk.one(session, forms.cleaned(slug))
        trusted = reliability.of_platform(session, line.slug)
        found, more = desk.deliveries(session, line.slug, state, forms.page())
    return render_template(
        "admin/platform.html",
        platform=line,
        trusted=trusted,
        deliveries=found,
        more=more,
        state=state,
        page=forms.page(),
    )


@blueprint.post("/platforms/<slug>/resume")
@roles("admin")
def resume(slug: str):
    """The endpoint is mended: what was blocked is sent."""
    with session_scope() as session:
        n = delivery.resume(session, directory.locked(session, forms.cleaned(slug)))
        audit.note(session, current_user.username, "platform_resumed", platform=slug, deliveries=n)
    bell.ring("deliver")
    flash(f"已恢复投递，{n} 条重新排队。")
    return redirect(url_for("admin.platform", slug=slug), 303)


@blueprint.post(f"/deliveries/{_ID}/resend")
@roles("admin")
def resend(id_: int):
    """A stuck delivery is sent again under the same webhook id."""
    with session_scope() as session:
        slug = desk.platform_of(session, id_)
        if not delivery.resend(session, id_):
            raise conflict("这条投递已送达或正在投递，无需重发。")
        audit.note(session, current_user.username, "delivery_resent", delivery=id_)
    bell.ring("deliver")
    flash("已重新排队。")
    return redirect(url_for("admin.platform", slug=slug), 303)


@blueprint.get("/users")
@roles(*_READERS)
def users():
    """Officers' accounts."""
    return _users()


def _users(problem: Problem | None = None):
    with session_scope() as session:
        found, of = records.users(session), desk.names(session)
    page = render_template(
        "admin/users.html",
        users=found,
        platforms=of,
        problem=problem,
        typed=request.form if problem else {},
    )
    return page, problem.status if problem else 200


@blueprint.post("/users")
@roles("admin")
def create_user():
    """A new officer; the first password is told in person."""
    try:
        with session_scope() as session:
            _create(session)
    except Problem as problem:
        return _users(problem)
    flash("账号已建立。")
    return redirect(url_for("admin.users"), 303)


def _create(session) -> None:
    username, name = forms.line("username", 64), forms.line("name", 64)
    role, password = forms.line("role", 16), request.form.get("password", "")[:1024]
    required("username", username, "请填写用户名。")
    if role not in words.ROLES:
        raise invalid("role", "请选择角色。")
    try:
        passwords.check(password, username)
    except passwords.WeakPassword as weak:
        raise invalid("password", weak.said) from None
    if session.scalar(select(User.id).where(User.username == username)):
        raise invalid("username", "用户名已被使用。")
    if role == ENGINEER:
        of = session.scalar(select(Platform).where(Platform.slug == forms.line("platform", 32)))
        if of is None:
            raise invalid("platform", "请选择工程师所属的平台。")
        accounts.create_engineer(session, username, name or username, of, password)
    else:
        accounts.create(session, username, name or username, role, password)
    audit.note(session, current_user.username, "user_created", user=username, role=role)


@blueprint.post(f"/users/{_ID}/deactivate")
@roles("admin")
def deactivate(id_: int):
    """The officer can no longer log in; sessions end at once."""
    return _set_active(id_, False, "user_deactivated", "账号已停用。")


@blueprint.post(f"/users/{_ID}/activate")
@roles("admin")
def activate(id_: int):
    """The officer may log in again."""
    return _set_active(id_, True, "user_activated", "账号已启用。")


def _set_active(id_: int, active: bool, done: str, said: str):
    if id_ == current_user.id:
        return _users(conflict("不能停用自己的账号。"))
    with session_scope() as session:
        user = session.get(User, id_, with_for_update=dict(CHANGING))
        if user is None:
            raise not_found("没有这个账号。")
        accounts.set_active(session, user, active)
        audit.note(session, current_user.username, done, user=user.username)
    flash(said)
    return redirect(url_for("admin.users"), 303)


@blueprint.post(f"/users/{_ID}/role")
@roles("admin")
def set_role(id_: int):
    """Another role for the officer; sessions end at once."""
    if id_ == current_user.id:
        return _users(conflict("不能更改自己的角色。"))
    role = forms.line("role", 16)
    try:
        with session_scope() as session:
            user = session.get(User, id_, with_for_update=dict(CHANGING))
            if user is None:
                raise not_found("没有这个账号。")
            before = user.role
            accounts.set_role(session, user, role)
            audit.note(
                session, current_user.username, "user_role",
                user=user.username, before=before, role=role,
            )  # fmt: skip
    except ValueError:
        return _users(invalid("role", "请选择角色；平台工程师不能改为其他角色。"))
    flash("角色已更改，其登录会话已结束。")
    return redirect(url_for("admin.users"), 303)


@blueprint.get("/quarantine")
@roles(*_READERS)
@personal
def quarantine():
    """Reports and messages that need a person."""
    with session_scope() as session:
        held, refused = records.held(session), records.refused(session)
        alarms = records.alarms(session)
    return render_template("admin/quarantine.html", held=held, refused=refused, alarms=alarms)


@blueprint.post(f"/quarantine/{_ID}/release")
@roles("admin")
def release(id_: int):
    """A quarantined report goes round again."""
    with session_scope() as session:
        if not lifecycle.release_quarantined(session, id_):
            raise conflict("这件举报已不在隔离区。")
        audit.note(session, current_user.username, "report_released", report=id_)
    bell.ring("assess")
    flash("已重新送入研判。")
    return redirect(url_for("admin.quarantine"), 303)


@blueprint.get("/audit")
@roles("auditor")
def audit_log():
    """The log, and whether its chain holds."""
    case, actor = forms.query("case", 20), forms.query("actor", 80)
    number = case.lstrip("Cc")
    case_id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    with session_scope() as session:
        chain = audit.walk(session, anew=False)
        lines, more = records.log(session, case_id, actor, forms.page())
    return render_template(
        "admin/audit.html", lines=lines, more=more, chain=chain,
        case=case, actor=actor, page=forms.page(),
    )  # fmt: skip


@blueprint.post("/audit/verify")
@roles("auditor")
def verify_chain():
    """Walk the whole chain again, from its first entry."""
    with session_scope() as session:
        walked = audit.walk(session)
        audit.note(session, current_user.username, "chain_walked", entries=walked.held)
    if walked.broken is None:
        flash(f"已从头核对 {walked.held} 条记录，逐条相扣。")
    else:
        flash(f"第 {walked.broken} 号记录处链条断裂。", "danger")
    return redirect(url_for("admin.audit_log"), 303)


@blueprint.get("/audit/viewings")
@roles("auditor")
def viewings():
    """Who asked to see whose data."""
    who = forms.query("who", 64)
    with session_scope() as session:
        lines, more = records.viewings(session, who, forms.page())
    return render_template(
        "admin/viewings.html", lines=lines, more=more, who=who, page=forms.page()
    )
