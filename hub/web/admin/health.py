"""The health endpoint."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from hub.database import reading_scope
from hub.desk.oversight import records
from hub.web.admin.blueprint import blueprint
from hub.web.common.access import open_to_all


@blueprint.get("/healthz")
@open_to_all
def health() -> ResponseReturnValue:
    """Whether the database answers, and the backlog of each stage."""
    try:
        with reading_scope() as session:
            return jsonify(database="ok", **records.waiting(session))
    except SQLAlchemyError:
        response = jsonify(database="away")
        response.headers["Retry-After"] = "5"
        return response, 503
