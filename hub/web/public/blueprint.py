"""The blueprint of the public pages and open data: no login, no personal data, cached."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("public", __name__, url_prefix="/public")
