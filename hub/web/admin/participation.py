"""Which platforms take part: an administrator suspends one and brings it back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from hub.database import session_scope
from hub.problems import conflict
from hub.services.audit import audit_log
from hub.services.platforms import directory
from hub.web.common import forms
from hub.web.common.access import roles
from models import Platform

blueprint = Blueprint("taking_part", __name__)


@blueprint.post("/platforms/<slug>/suspend")
@roles("admin")
def suspend(slug: str):
    """Nothing is taken from the platform, and nothing new is ordered there."""
    return _switch(slug, directory.suspend, "platform_suspended", "已停用。")


@blueprint.post("/platforms/<slug>/reactivate")
@roles("admin")
def reactivate(slug: str):
    """The platform takes part again, and gets the orders in force that it missed."""
    return _switch(
        slug, directory.reactivate, "platform_reactivated", "已启用，将补发生效中的指令。"
    )


def _switch(slug: str, step: Callable[[Session, Platform], bool], verb: str, done: str):
    with session_scope() as session:
        platform = directory.locked(session, forms.cleaned(slug))
        if not step(session, platform):
            raise conflict("该平台已经处于这一状态。")
        audit_log.note(session, current_user.username, verb, platform=platform.slug)
    flash(done)
    return redirect(url_for("admin.platform", slug=slug), 303)
