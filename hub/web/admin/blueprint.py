"""The blueprint that the administrators' pages share."""

from __future__ import annotations

from flask import Blueprint

from hub.web.common import forms

blueprint = Blueprint("admin", __name__)
READERS = ("admin", "auditor")
ID = f"<int(max={forms.MAX_ID}):id_>"
