"""Open data: the dictionary, and every table as JSON and CSV."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from hub.problems import not_found
from hub.services.office import spreadsheets
from hub.services.openness import open_data
from hub.web.common.access import open_to_all
from hub.web.public.blueprint import blueprint
from hub.web.public.cache import cached, figure


@blueprint.get("/data")
@open_to_all
def data() -> ResponseReturnValue:
    """The dictionary for people."""
    page = render_template(
        "public/public_data.html", data=open_data.DATA, version=open_data.VERSION
    )
    return cached(make_response(page))


@blueprint.get("/data/dictionary.json")
@open_to_all
def dictionary() -> ResponseReturnValue:
    """The dictionary for machines."""
    return cached(_json(open_data.dictionary()))


@blueprint.get("/data/<name>.json")
@open_to_all
def table_json(name: str) -> ResponseReturnValue:
    """One table as JSON, with the dictionary's version. Raises Problem 404."""
    table, rows = _table(name)
    fields = [field.name for field in table.fields]
    records = [dict(zip(fields, row, strict=True)) for row in rows]
    return cached(
        _json({"version": open_data.VERSION, "table": name, "fields": fields, "rows": records})
    )


@blueprint.get("/data/<name>.csv")
@open_to_all
def table_csv(name: str) -> ResponseReturnValue:
    """One table as CSV. Raises Problem 404."""
    table, rows = _table(name)
    body = spreadsheets.comma([field.name for field in table.fields], rows)
    response = Response(body, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return cached(response)


def _table(name: str) -> tuple[open_data.DataSet, list[list[Any]]]:
    found = open_data.DATA.get(name)
    if found is None:
        raise not_found("没有这张数据表。")
    return found, figure(name, found.rows)


def _json(body: Any) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
