"""An unmasked report: shown once, in response to the form that gave the reason."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import session_scope
from hub.services.privacy import revealing
from hub.web.common import forms
from hub.web.common.access import personal, roles
from models import User

blueprint = Blueprint("reveal", __name__)


@blueprint.post(
    f"/cases/<int(max={forms.MAX_ID}):case_id>/reports/<int(max={forms.MAX_ID}):id_>/reveal"
)
@roles("handler")
@personal
def show(case_id: int, id_: int) -> ResponseReturnValue:
    """The report as its platform sent it; each viewing needs a reason."""
    with session_scope() as session:
        user = session.get_one(User, current_user.id)
        report = revealing.reveal(session, user, case_id, id_, forms.text("reason", 500))
    return render_template("officers/reveal.html", report=report, case_id=case_id)
