"""The blueprint that the pages of a platform's own engineers share."""

from __future__ import annotations

from flask import Blueprint
from flask_login import current_user
from sqlalchemy.orm import Session

from hub.web.common import forms
from models import Platform

blueprint = Blueprint("platform", __name__, url_prefix="/platform")
ID = f"<int(max={forms.MAX_ID}):id_>"


def own(session: Session) -> Platform:
    """The platform of the engineer who is logged in."""
    return session.get_one(Platform, current_user.platform_id)
