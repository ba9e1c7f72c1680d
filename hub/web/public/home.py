"""The public's first page, and the penalties it may know of."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hub.services.openness import open_data, public_figures
from hub.web.common import charts, maps
from hub.web.common.access import open_to_all
from hub.web.public.blueprint import blueprint
from hub.web.public.cache import cached, figure


@blueprint.get("")
@open_to_all
def home() -> ResponseReturnValue:
    """How many reports, how fast, which measures, where, how platforms answer."""
    tables = {name: figure(name, data.rows) for name, data in open_data.DATA.items()}
    page = render_template(
        "public/public_home.html",
        top=figure("headline", public_figures.headline),
        tables=tables,
        trend=_trend(tables["daily"]),
        provinces=_shaded(tables["provinces"]),
        map=maps.provinces("", {row[1]: row[4] for row in tables["provinces"]}),
        data=open_data.DATA,
    )
    return cached(make_response(page))


def _trend(rows: list[list[Any]]) -> Markup:
    """A line of each day's total; suppressed counts leave a gap."""
    labels = [row[0][5:] for row in rows]
    values = [row[3] if isinstance(row[3], int) else None for row in rows]
    return charts.line("每日受理举报", labels, {"举报": values}, unit="件")


def _shaded(rows: list[list[Any]]) -> list[tuple[list[Any], int]]:
    """Each province with its shade, 0 to 5, by its share of the largest; largest first, reports
    of unknown province last and without a shade."""
    counts = [(row, row[4] if isinstance(row[4], int) else 1) for row in rows if row[4] != 0]
    most = max((n for row, n in counts if row[0]), default=1)
    ordered = sorted(counts, key=lambda each: (not each[0][0], -each[1]))
    return [(row, maps.shade(n, most) if row[0] else 0) for row, n in ordered]


@blueprint.get("/decisions")
@open_to_all
def decisions() -> ResponseReturnValue:
    """Penalties in force that are shared with the public."""
    rows = figure("decisions", open_data.DATA["decisions"].rows)
    return cached(make_response(render_template("public/public_decisions.html", rows=rows)))
