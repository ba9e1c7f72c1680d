"""What other departments may read: decisions shared at their level."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope
from hub.services.enforcement import audience
from hub.web.common import forms
from hub.web.common.access import personal, roles

blueprint = Blueprint("shared", __name__)


@blueprint.get("/shared")
@roles("department", "handler", "approver", "auditor")
@personal
def index() -> ResponseReturnValue:
    """Penalties shared with departments, newest first, with their outcome."""
    page = forms.page()
    with reading_scope() as session:
        found = audience.with_departments(session, page, current_user.id)
    return render_template("officers/shared.html", found=found, page=page)
