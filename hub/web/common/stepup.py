"""Step-up authentication: approving needs a recent code of the second factor."""

from __future__ import annotations

import time

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.config import settings
from hub.database import reading_scope, session_scope
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.people import accounts, second_factor
from hub.web.common import forms
from hub.web.common.access import roles
from models import ROLES, SecondFactor, User

blueprint = Blueprint("stepup", __name__, url_prefix="/second-factor")
MINUTES = 5  # that a code stays valid for approvals


def recent() -> bool:
    """Whether this officer entered a code in this session within the last MINUTES, or step-up is
    switched off."""
    if not settings().step_up:
        return True
    who, at = session.get("stepped_up", (0, 0))
    return who == current_user.id and 0 <= time.time() - at < MINUTES * 60


def require() -> None:
    """Require a recent code, or a valid one in the form. Raises Problem 422."""
    if recent():
        return
    code = forms.line("code", 32)
    with session_scope() as db:
        enrolled = second_factor.enrolled(db, current_user.id)
    if not enrolled:
        raise Problem(422, "step_up_required", "请先在“动态验证码”页绑定身份验证器，再进行审批。")
    if not code:
        raise Problem(422, "step_up_required", "请输入动态验证码后再提交。")
    _check(code)


def _check(code: str) -> None:
    with session_scope() as db:  # its own transaction: a wrong code is counted
        good = second_factor.check(db, current_user.id, code)
    if not good:
        detail = "动态验证码不正确、已使用过，或尝试次数过多，请稍后再试。"
        raise Problem(422, "step_up_failed", detail)
    session["stepped_up"] = (current_user.id, int(time.time()))


@blueprint.get("")
@roles(*ROLES)
def show() -> ResponseReturnValue:
    """The officer's second factor: not set up, to be confirmed, or in use."""
    return _page()


def _page(problem: Problem | None = None, codes: list[str] | None = None) -> ResponseReturnValue:
    with reading_scope() as db:
        user = db.get_one(User, current_user.id)
        factor = db.get(SecondFactor, user.id)
        address = second_factor.address(db, user)
    page = render_template(
        "account/second_factor.html",
        factor=factor,
        qr=segno.make(address).png_data_uri(scale=5, border=2) if address else None,
        secret=address.partition("secret=")[2].partition("&")[0] if address else None,
        codes=codes,
        problem=problem,
        asked_for=settings().step_up,
        minutes=MINUTES,
        recent=recent(),
    )
    return page, problem.status if problem else 200


@blueprint.post("/begin")
@roles(*ROLES)
def begin() -> ResponseReturnValue:
    """A new secret, shown as a QR code. Needs the password, and a code of the current one."""
    try:
        with session_scope() as db:
            known = second_factor.enrolled(db, current_user.id)
            password = request.form.get("password", "")[:1024]
            user = accounts.authenticate(db, current_user.username, password)
        if user is None:
            raise Problem(422, "step_up_failed", "密码不正确，或账号暂时锁定。")
        if known:
            _check(forms.line("code", 32))
        with session_scope() as db:
            second_factor.begin(db, db.get_one(User, current_user.id))
    except Problem as problem:
        return _page(problem)
    return redirect(url_for("stepup.show"), 303)


@blueprint.post("/confirm")
@roles(*ROLES)
def confirm() -> ResponseReturnValue:
    """A first code activates the secret; the backup codes are shown once."""
    with session_scope() as db:
        user = db.get_one(User, current_user.id)
        codes = second_factor.confirm(db, user, forms.line("code", 32))
        if codes:
            audit_log.note(db, user.username, "second_factor")
    if codes is None:
        return _page(Problem(422, "step_up_failed", "动态验证码不正确，请核对手机时间后重试。"))
    return _page(codes=codes)


@blueprint.post("/renew")
@roles(*ROLES)
def renew() -> ResponseReturnValue:
    """New backup codes, for a valid code."""
    try:
        _check(forms.line("code", 32))
    except Problem as problem:
        return _page(problem)
    with session_scope() as db:
        codes = second_factor.new_backup_codes(db, db.get_one(User, current_user.id))
    return _page(codes=codes)


@blueprint.post("/verify")
@roles(*ROLES)
def verify() -> ResponseReturnValue:
    """Enter a code now, valid for the next MINUTES."""
    try:
        _check(forms.line("code", 32))
    except Problem as problem:
        return _page(problem)
    flash(f"验证通过，{MINUTES} 分钟内审批无需再次输入。")
    return redirect(url_for("stepup.show"), 303)
