"""Statutory clocks on the page of a case: extend, suspend, resume, complete."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub.database import session_scope
from hub.services.office import clocks
from hub.web.common import forms
from hub.web.common.access import roles
from models import Clock, User

blueprint = Blueprint("clocks", __name__, url_prefix="/clocks")
_ID = f"<int(max={forms.MAX_ID}):id_>"


def _do(step: Callable[[Session, User], Clock], message: str) -> ResponseReturnValue:
    with session_scope() as session:
        case_id = step(session, session.get_one(User, current_user.id)).case_id
    flash(message)
    return redirect(url_for("cases.show", case_id=case_id, _anchor="clocks"), 303)


@blueprint.post(f"/{_ID}/extend")
@roles("handler")
def extend(id_: int) -> ResponseReturnValue:
    """Request the extension that the rule allows."""
    reason = forms.text("reason", 2000)
    return _do(lambda s, me: clocks.ask_extension(s, me, id_, reason), "已申请延长，待批准。")


@blueprint.post(f"/{_ID}/grant")
@roles("approver")
def grant(id_: int) -> ResponseReturnValue:
    """Grant the extension."""
    return _do(lambda s, me: clocks.decide_extension(s, me, id_, True), "已批准延长。")


@blueprint.post(f"/{_ID}/deny")
@roles("approver")
def deny(id_: int) -> ResponseReturnValue:
    """Refuse the extension."""
    return _do(lambda s, me: clocks.decide_extension(s, me, id_, False), "已不准延长。")


@blueprint.post(f"/{_ID}/stop")
@roles("handler")
def stop(id_: int) -> ResponseReturnValue:
    """Suspend the clock, such as for laboratory testing."""
    reason = forms.text("reason", 2000)
    return _do(lambda s, me: clocks.stop(s, me, id_, reason), "期限已暂停计算。")


@blueprint.post(f"/{_ID}/resume")
@roles("handler")
def resume(id_: int) -> ResponseReturnValue:
    """Resume a suspended clock."""
    return _do(lambda s, me: clocks.resume(s, me, id_), "期限已恢复计算。")


@blueprint.post(f"/{_ID}/done")
@roles("clerk", "handler")
def done(id_: int) -> ResponseReturnValue:
    """Record that the required step was done outside the hub: notified, served, published."""
    return _do(lambda s, me: clocks.done(s, me, id_), "已记录办结。")
