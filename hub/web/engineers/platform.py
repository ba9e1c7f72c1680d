"""The pages of a platform's own engineers: what went to and fro, keys, a test, a resend."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import bell
from hub.database import session_scope
from hub.desk import words
from hub.desk.oversight import platform_lines, platform_view
from hub.problems import Problem, conflict, invalid
from hub.services.audit import audit_log
from hub.services.people import accounts
from hub.services.platforms import delivery, directory, keys
from hub.web.common import forms
from hub.web.common.access import roles
from models import ENGINEER, Platform

blueprint = Blueprint("platform", __name__, url_prefix="/platform")
_ID = f"<int(max={forms.MAX_ID}):id_>"


def _own(session: Session) -> Platform:
    return session.get_one(Platform, current_user.platform_id)


@blueprint.get("")
@roles(ENGINEER)
def home():
    """The endpoint's health, the keys in force, and what can be done."""
    return _home()


def _home(problem: Problem | None = None):
    with session_scope() as session:
        own = _own(session)
        page = render_template(
            "engineers/own_home.html",
            platform=platform_lines.one(session, own.slug),
            health=platform_view.health(session, own.id),
            keys=platform_view.keys_in_force(session, own),
            purposes=_purposes(own),
            problem=problem,
        )
    return page, problem.status if problem else 200


def _purposes(own: Platform) -> tuple[str, ...]:
    return ("inbound_hmac", "bearer", keys.outbound_purpose(own))


@blueprint.get("/deliveries")
@roles(ENGINEER)
def deliveries():
    """What the hub sent, newest first."""
    state = forms.query("state")
    state = state if state in words.DELIVERY else ""
    with session_scope() as session:
        found, more = platform_lines.deliveries(session, _own(session).slug, state, forms.page())
    return render_template(
        "engineers/own_deliveries.html", deliveries=found, more=more, state=state, page=forms.page()
    )


@blueprint.get(f"/deliveries/{_ID}")
@roles(ENGINEER)
def one_delivery(id_: int):
    """One message with its body, attempts and answers."""
    with session_scope() as session:
        found = platform_view.sent(session, _own(session).id, id_)
        return render_template("engineers/own_delivery.html", sent=found)


@blueprint.post(f"/deliveries/{_ID}/resend")
@roles(ENGINEER)
def resend(id_: int):
    """The same bytes under the same webhook id once more, also when they had arrived."""
    with session_scope() as session:
        platform_view.sent(session, _own(session).id, id_)  # theirs, or 404
        if not delivery.replay(session, id_):
            raise conflict("这条投递正在发送或即将发送，无需重发。")
        audit_log.note(session, current_user.username, "delivery_resent", delivery=id_)
    bell.ring("deliver")
    flash("已重新排队，沿用原来的 webhook-id。")
    return redirect(url_for("platform.one_delivery", id_=id_), 303)


@blueprint.post("/test")
@roles(ENGINEER)
def test():
    """Send a test message to the endpoint."""
    with session_scope() as session:
        sent = directory.ping(session, _own(session))
        session.flush()
        audit_log.note(session, current_user.username, "test_sent", delivery=sent.id)
        id_ = sent.id
    bell.ring("deliver")
    flash("测试消息已排队；刷新本页查看答复。")
    return redirect(url_for("platform.one_delivery", id_=id_), 303)


@blueprint.get("/messages")
@roles(ENGINEER)
def messages():
    """What the platform sent, and what it was answered."""
    refused = request.args.get("refused") == "1"
    with session_scope() as session:
        found, more = platform_view.messages(session, _own(session).id, refused, forms.page())
    return render_template(
        "engineers/own_messages.html", messages=found, more=more, refused=refused, page=forms.page()
    )


@blueprint.get(f"/messages/{_ID}")
@roles(ENGINEER)
def one_message(id_: int):
    """One message of the platform with its body and the hub's answer."""
    with session_scope() as session:
        found = platform_view.message(session, _own(session).id, id_)
    return render_template("engineers/own_message.html", message=found)


@blueprint.post("/keys")
@roles(ENGINEER)
def rotate():
    """A new key, shown this once; the password is asked again, as the page may stand open."""
    purpose = forms.line("purpose", 32)
    try:
        _ask_password()
        with session_scope() as session:
            shown = _rotate(session, purpose)
    except Problem as problem:
        return _home(problem)
    return render_template(
        "engineers/own_key.html", purpose=purpose, shown=shown, hours=keys.OVERLAP_HOURS
    )


@blueprint.post("/keys/public")
@roles(ENGINEER)
def register_key():
    """The platform's own public key, by which its signatures are verified from now on."""
    try:
        given = forms.text("public", 4096)
        _ask_password()
        with session_scope() as session:
            _register(session, given)
    except Problem as problem:
        return _home(problem)
    flash(f"公钥已登记。此前登记的公钥 {keys.OVERLAP_HOURS} 小时后失效。")
    return redirect(url_for("platform.home"), 303)


def _register(session: Session, given: str) -> None:
    own = _own(session)
    try:
        public = keys.register_public(session, own, given)
    except ValueError:
        said = "请填写尚未登记的 Ed25519 公钥：whpk_ 开头，或 PEM 格式。"
        raise invalid("public", said) from None
    audit_log.note(
        session, current_user.username, "key_registered", platform=own.slug, public=public
    )


def _ask_password() -> None:
    """Raises Problem 422. A transaction of its own: wrong tries count."""
    password = request.form.get("password", "")[:1024]
    with session_scope() as session:
        right = accounts.authenticate(session, current_user.username, password) is not None
    if not right:
        raise invalid("password", "密码不正确，或账号暂时不可用。")


def _rotate(session: Session, purpose: str) -> str:
    own = _own(session)
    if purpose not in _purposes(own):
        raise invalid("purpose", "请选择要轮换的密钥。")
    audit_log.note(
        session, current_user.username, "key_rotated", platform=own.slug, purpose=purpose
    )
    return keys.rotate(session, own, purpose)
