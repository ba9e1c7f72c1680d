"""Public pages and open data: no login, no personal data, cached.

A figure is read from the database at most once in FRESH seconds by each process; browsers and
proxies keep an answer as long and then ask by its ETag.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from hub.database import session_scope
from hub.problems import not_found
from hub.services.office import spreadsheets
from hub.services.openness import open_data, public_figures, published_debunks
from hub.web.common import charts, forms, maps
from hub.web.common.access import open_to_all
from hub.web.common.policy import CSP

blueprint = Blueprint("public", __name__, url_prefix="/public")
FRESH = 300  # seconds
_kept: dict[str, tuple[float, Any]] = {}


def _once(name: str, read: Callable[[Session], Any]) -> Any:
    """What `read` gives, kept for FRESH seconds."""
    at, value = _kept.get(name, (0.0, None))
    if time.monotonic() - at > FRESH or not at:
        with session_scope() as session:
            value = read(session)
        _kept[name] = (time.monotonic(), value)
    return value


def forget() -> None:
    """Nothing is kept any more (tests)."""
    _kept.clear()


def _cached(response: Response) -> Response:
    """The response with an ETag of its body; 304 for whoever has it already."""
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("")
@open_to_all
def home():
    """How many reports, how fast, which measures, where, how platforms answer."""
    tables = {name: _once(name, data.rows) for name, data in open_data.DATA.items()}
    top = _once("headline", public_figures.headline)
    return _cached(
        make_response(
            render_template(
                "public/public_home.html",
                top=top,
                tables=tables,
                trend=_trend(tables["daily"]),
                provinces=_shaded(tables["provinces"]),
                map=maps.provinces("", {row[1]: row[4] for row in tables["provinces"]}),
                data=open_data.DATA,
            )  # fmt: skip
        )
    )


def _trend(rows: list[list[Any]]):
    """A line of each day's total; what is hidden leaves a gap."""
    labels = [row[0][5:] for row in rows]
    values = [row[3] if isinstance(row[3], int) else None for row in rows]
    return charts.line("每日受理举报", labels, {"举报": values}, unit="件")


def _shaded(rows: list[list[Any]]) -> list[tuple[list[Any], int]]:
    """Each province with how dark it is, 0 to 5, by its share of the largest; largest first,
    what is of no known province last and without a shade."""
    counts = [(row, row[4] if isinstance(row[4], int) else 1) for row in rows if row[4] != 0]
    most = max((n for row, n in counts if row[0]), default=1)
    ordered = sorted(counts, key=lambda each: (not each[0][0], -each[1]))
    return [(row, maps.shade(n, most) if row[0] else 0) for row, n in ordered]


@blueprint.get("/debunks")
@open_to_all
def debunks():
    """Debunks by words of claim, explanation or source."""
    q, page = forms.query("q"), forms.page()
    if q:  # a search costs the database something; the list does not
        published_debunks.spend(request.remote_addr or "-")
    with session_scope() as session:
        found = published_debunks.search(session, q, page)
    html = render_template("public/public_debunks.html", found=found, q=q, page=page)
    return _cached(make_response(html))


@blueprint.get("/decisions")
@open_to_all
def decisions():
    """Penalties in force that the public may know of."""
    rows = _once("decisions", open_data.DATA["decisions"].rows)
    return _cached(make_response(render_template("public/public_decisions.html", rows=rows)))


_ONE = f"/debunks/<int(max={forms.MAX_ID}):id_>"


@blueprint.get(_ONE)
@open_to_all
def debunk(id_: int):
    """One debunk with its ClaimReview.

    The content policy allows no script but files; the block of data is named by its hash.
    """
    found = _read(id_)
    data = _json(published_debunks.claim_review(found, _address_of(id_)))
    block = Markup('<script type="application/ld+json">{}</script>').format(Markup(data))
    digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
    response = make_response(render_template("public/public_debunk.html", d=found, block=block))
    response.headers["Content-Security-Policy"] = CSP.replace(
        "script-src 'self'", f"script-src 'self' 'sha256-{digest}'"
    )
    return _cached(response)


@blueprint.get(f"{_ONE}.json")
@open_to_all
def claim_review(id_: int):
    """The ClaimReview alone."""
    data = _json(published_debunks.claim_review(_read(id_), _address_of(id_)))
    return _cached(Response(data, mimetype="application/ld+json"))


def _read(id_: int) -> published_debunks.Published:
    with session_scope() as session:
        return published_debunks.one(session, id_)


def _address_of(id_: int) -> str:
    return url_for("public.debunk", id_=id_, _external=True)


def _json(data: dict[str, Any]) -> str:
    """JSON that can stand in a page: nothing in it ends a script."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@blueprint.get("/data")
@open_to_all
def data():
    """The dictionary for people."""
    page = render_template(
        "public/public_data.html", data=open_data.DATA, version=open_data.VERSION
    )
    return _cached(make_response(page))


@blueprint.get("/data/dictionary.json")
@open_to_all
def dictionary():
    """The dictionary for machines."""
    return _cached(_machine(open_data.dictionary()))


@blueprint.get("/data/<name>.json")
@open_to_all
def table_json(name: str):
    """One table as JSON, with the dictionary's version."""
    table, rows = _table(name)
    fields = [field.name for field in table.fields]
    records = [dict(zip(fields, row, strict=True)) for row in rows]
    return _cached(
        _machine({"version": open_data.VERSION, "table": name, "fields": fields, "rows": records})
    )


@blueprint.get("/data/<name>.csv")
@open_to_all
def table_csv(name: str):
    """One table as CSV."""
    table, rows = _table(name)
    body = spreadsheets.comma([field.name for field in table.fields], rows)
    response = Response(body, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return _cached(response)


def _table(name: str) -> tuple[open_data.DataSet, list[list[Any]]]:
    found = open_data.DATA.get(name)
    if found is None:
        raise not_found("没有这张数据表。")
    return found, _once(name, found.rows)


def _machine(data: Any) -> Response:
    response = Response(json.dumps(data, ensure_ascii=False), mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
