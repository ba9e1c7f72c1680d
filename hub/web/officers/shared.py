"""What other departments may read: decisions whose sharing level reaches them."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from hub.database import session_scope
from hub.services.enforcement import audience
from hub.web.common import forms
from hub.web.common.access import personal, roles

blueprint = Blueprint("shared", __name__)


@blueprint.get("/shared")
@roles("department", "handler", "approver", "auditor")
@personal
def index():
    """Penalties shared with departments, newest first, with what became of them."""
    page = forms.page()
    with session_scope() as session:
        found = audience.with_departments(session, page, current_user.id)
    return render_template("officers/shared.html", found=found, page=page)
