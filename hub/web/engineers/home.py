"""An engineer's first page: the endpoint's health, and the platform's keys."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub.database import reading_scope, session_scope
from hub.desk.oversight import platform_lines, platform_view
from hub.problems import Problem, invalid
from hub.services.audit import audit_log
from hub.services.people import accounts
from hub.services.platforms import keys
from hub.web.common import forms
from hub.web.common.access import roles
from hub.web.engineers.blueprint import blueprint, own
from models import ENGINEER, Platform


@blueprint.get("")
@roles(ENGINEER)
def home() -> ResponseReturnValue:
    """The endpoint's health, the valid keys, and what can be done."""
    return _home()


def _home(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        platform = own(session)
        page = render_template(
            "engineers/own_home.html",
            platform=platform_lines.one(session, platform.slug),
            health=platform_view.health(session, platform.id),
            keys=platform_view.keys_in_force(session, platform),
            purposes=_purposes(platform),
            problem=problem,
        )
    return page, problem.status if problem else 200


def _purposes(platform: Platform) -> tuple[str, ...]:
    return ("inbound_hmac", "bearer", keys.outbound_purpose(platform))


@blueprint.post("/keys")
@roles(ENGINEER)
def rotate() -> ResponseReturnValue:
    """A new key, shown once. Asks for the password again: the session may be left open."""
    purpose = forms.line("purpose", 32)
    try:
        _check_password()
        with session_scope() as session:
            shown = _rotate(session, purpose)
    except Problem as problem:
        return _home(problem)
    return render_template(
        "engineers/own_key.html", purpose=purpose, shown=shown, hours=keys.OVERLAP_HOURS
    )


@blueprint.post("/keys/public")
@roles(ENGINEER)
def register_key() -> ResponseReturnValue:
    """Register the platform's own public key, with which its signatures are verified."""
    try:
        given = forms.text("public", 4096)
        _check_password()
        with session_scope() as session:
            _register(session, given)
    except Problem as problem:
        return _home(problem)
    flash(f"公钥已登记。此前登记的公钥 {keys.OVERLAP_HOURS} 小时后失效。")
    return redirect(url_for("platform.home"), 303)


def _register(session: Session, given: str) -> None:
    platform = own(session)
    try:
        public = keys.register_public(session, platform, given)
    except ValueError:
        detail = "请填写尚未登记的 Ed25519 公钥：whpk_ 开头，或 PEM 格式。"
        raise invalid("public", detail) from None
    audit_log.note(
        session, current_user.username, "key_registered", platform=platform.slug, public=public
    )


def _check_password() -> None:
    """Raises Problem 422. In its own transaction, so that a wrong attempt is counted."""
    password = request.form.get("password", "")[:1024]
    with session_scope() as session:
        correct = accounts.authenticate(session, current_user.username, password) is not None
    if not correct:
        raise invalid("password", "密码不正确，或账号暂时不可用。")


def _rotate(session: Session, purpose: str) -> str:
    platform = own(session)
    if purpose not in _purposes(platform):
        raise invalid("purpose", "请选择要轮换的密钥。")
    audit_log.note(
        session, current_user.username, "key_rotated", platform=platform.slug, purpose=purpose
    )
    return keys.rotate(session, platform, purpose)
