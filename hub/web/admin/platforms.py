"""Platforms: their delivery logs, resuming and resending, suspension and reactivation."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import job_queue
from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.oversight import platform_lines
from hub.problems import conflict
from hub.services.audit import audit_log
from hub.services.cases import reliability
from hub.services.platforms import delivery, directory
from hub.web.admin.blueprint import ID, READERS, blueprint
from hub.web.common import forms
from hub.web.common.access import roles
from models import Platform


@blueprint.get("/platforms")
@roles(*READERS)
def platforms() -> ResponseReturnValue:
    """Every platform and its health."""
    with reading_scope() as session:
        lines = platform_lines.every(session)
    return render_template("admin/platforms.html", platforms=lines)


@blueprint.get("/platforms/<slug>")
@roles(*READERS)
def platform(slug: str) -> ResponseReturnValue:
    """The delivery log of one platform."""
    state = forms.query("state")
    state = state if state in words.DELIVERY else ""
    with reading_scope() as session:
        line = platform_lines.one(session, forms.cleaned(slug))
        trusted = reliability.of_platform(session, line.slug)
        found, more = platform_lines.deliveries(session, line.slug, state, forms.page())
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
def resume(slug: str) -> ResponseReturnValue:
    """The endpoint is repaired: blocked deliveries are sent."""
    with session_scope() as session:
        n = delivery.resume(session, directory.locked(session, forms.cleaned(slug)))
        audit_log.note(
            session, current_user.username, "platform_resumed", platform=slug, deliveries=n
        )
    job_queue.notify("deliver")
    flash(f"已恢复投递，{n} 条重新排队。")
    return redirect(url_for("admin.platform", slug=slug), 303)


@blueprint.post(f"/deliveries/{ID}/resend")
@roles("admin")
def resend(id_: int) -> ResponseReturnValue:
    """Send a stuck delivery again under the same webhook id. Raises Problem 404 or 409."""
    with session_scope() as session:
        slug = platform_lines.platform_of(session, id_)
        if not delivery.resend(session, id_):
            raise conflict("这条投递已送达或正在投递，无需重发。")
        audit_log.note(session, current_user.username, "delivery_resent", delivery=id_)
    job_queue.notify("deliver")
    flash("已重新排队。")
    return redirect(url_for("admin.platform", slug=slug), 303)


@blueprint.post("/platforms/<slug>/suspend")
@roles("admin")
def suspend(slug: str) -> ResponseReturnValue:
    """Refuse the platform's messages and issue no new orders to it."""
    return _switch(slug, directory.suspend, "platform_suspended", "已停用。")


@blueprint.post("/platforms/<slug>/reactivate")
@roles("admin")
def reactivate(slug: str) -> ResponseReturnValue:
    """Let the platform take part again; it gets the orders in force that it missed."""
    return _switch(
        slug, directory.reactivate, "platform_reactivated", "已启用，将补发生效中的指令。"
    )


def _switch(
    slug: str, step: Callable[[Session, Platform], bool], action: str, message: str
) -> ResponseReturnValue:
    with session_scope() as session:
        platform = directory.locked(session, forms.cleaned(slug))
        if not step(session, platform):
            raise conflict("该平台已经处于这一状态。")
        audit_log.note(session, current_user.username, action, platform=platform.slug)
    flash(message)
    return redirect(url_for("admin.platform", slug=slug), 303)
