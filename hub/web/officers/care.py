"""Disturbing material: marked cases and reports stay covered until an officer opens them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from hub.database import reading_scope, session_scope
from hub.services.people import wellbeing
from hub.services.reports import pictures
from hub.web.common import forms
from hub.web.common.access import READERS, remember, roles
from models import User

blueprint = Blueprint("care", __name__)
_ID = f"<int(max={forms.MAX_ID}):id_>"
_PLACEHOLDER = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 60" width="420" height="60">'
    '<rect width="420" height="60" fill="#f3f5f8"/>'
    '<text x="210" y="35" text-anchor="middle" font-size="15" fill="#5b6776">{}</text></svg>'
)


@blueprint.app_template_global()
def covers(case_id: int | None) -> bool:
    """Whether the title of a case is covered for this officer."""
    if "covered" not in g:
        with reading_scope() as session:
            g.covered = wellbeing.covered(session, current_user.id)
    return case_id in g.covered


@blueprint.get(f"/reports/{_ID}/pictures/<int(max=100):number>")
@roles(*READERS)
def picture(id_: int, number: int) -> ResponseReturnValue:
    """One picture of a report, fetched by the hub; the viewing is logged."""
    with reading_scope() as session:
        url = wellbeing.picture_url(session, id_, number)
    remember(wellbeing.PICTURE, f"report={id_}, picture={number}")
    try:
        found = pictures.fetch(url)
    except pictures.NoPicture as none:
        return Response(_PLACEHOLDER.format(str(none)), mimetype="image/svg+xml")
    answer = Response(found.data, mimetype=found.kind)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@blueprint.post(f"/cases/{_ID}/care")
@roles("clerk", "handler", "approver")
def mark(id_: int) -> ResponseReturnValue:
    """标为令人不适: mark the case or one of its reports as disturbing, or unmark it."""
    picked = forms.ids("report") if request.form.get("report") else []
    on = request.form.get("on") == "1"
    with session_scope() as session:
        user = session.get_one(User, current_user.id)
        wellbeing.mark(session, user, id_, picked[0] if picked else None, on)
    flash("已标为令人不适，默认遮盖。" if on else "已取消“令人不适”标记。")
    return redirect(url_for("cases.show", case_id=id_), 303)
