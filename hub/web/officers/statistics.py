"""Statistics for managers: one page, for screen and print."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hub.database import reading_scope
from hub.desk.oversight import statistics
from hub.web.common import charts, forms, maps
from hub.web.common.access import roles

blueprint = Blueprint("stats", __name__)
_MOST = 12  # provinces as bars


@blueprint.get("/stats")
@roles("approver", "auditor", "admin")
def show() -> ResponseReturnValue:
    """Trends, types, regions, platforms, load, clocks."""
    asked = forms.query("days")
    days = int(asked) if asked in map(str, statistics.PERIODS) else statistics.PERIODS[1]
    with reading_scope() as session:
        found = statistics.read(session, days)
    return render_template(
        "officers/stats.html", s=found, plots=_plots(found), length=days,
        periods=statistics.PERIODS, actions=statistics.ACTIONS,
    )  # fmt: skip


def _plots(found: statistics.Stats) -> dict[str, object]:
    labels = [f"{day:%m-%d}" for day in found.days]
    before = {name: f"上期 {n}" for name, _, n in found.types}
    types = {name: n for name, n, _ in found.types}
    return {
        "reports": charts.line("每日受理举报", labels, found.reports, unit="件"),
        "cases": charts.line("每日新案件与处理决定", labels, found.cases, unit="件"),
        "types": charts.bars("按类型", types, notes=before, unit="件"),
        "map": maps.provinces("各省举报", dict(found.regions)),
        "regions": charts.bars("按地区", dict(found.regions[:_MOST]), unit="件"),
        "platforms": charts.bars("按平台", dict(found.platforms), unit="件"),
    }
