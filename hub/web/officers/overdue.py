"""Overdue orders: the queue of officers who call the platforms."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope, session_scope
from hub.problems import Problem
from hub.services.enforcement import escalation
from hub.web.common import forms
from hub.web.common.access import READERS, roles
from models import User

blueprint = Blueprint("overdue", __name__)


@blueprint.get("/overdue")
@roles(*READERS)
def show() -> ResponseReturnValue:
    """Orders overdue after their reminder or not deliverable, and each platform's response rate."""
    return _page()


def _page(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        lines, shares = (
            escalation.queue(session, viewer_id=current_user.id),
            escalation.response(session),
        )
    typed = request.form if problem else {}
    page = render_template(
        "officers/overdue.html", lines=lines, shares=shares, problem=problem, typed=typed
    )
    return page, problem.status if problem else 200


@blueprint.post(f"/overdue/<int(max={forms.MAX_ID}):order_id>/chase")
@roles("clerk", "handler")
def chase(order_id: int) -> ResponseReturnValue:
    """催办: record the outcome of an officer's call to the platform."""
    try:
        with session_scope() as session:
            user = session.get_one(User, current_user.id)
            escalation.chase(session, user, order_id, forms.text("note", 2000))
    except Problem as problem:
        if problem.status == 404:
            raise
        return _page(problem)
    flash("已记录催办。")
    return redirect(url_for("overdue.show"), 303)
