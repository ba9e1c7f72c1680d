"""Plots that several pages share: the spread of a case, the prices of a product."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from hub import beijing
from hub.desk.cases.spread import UNKNOWN, Spread
from hub.services.warnings.prices import History
from hub.web.common import charts, maps

_FEW = 2  # bins; too few for a line


def spread(found: Spread | None) -> list[Markup]:
    """Reports over time by platform; by province on a map and over time, where known."""
    if found is None:
        return []
    days = found.step >= timedelta(days=1)
    format_ = "%m-%d" if days else "%d日%H:%M"
    labels = [beijing.local(at).strftime(format_) for at in found.starts]
    title = f"各平台举报数（每 {_length(found.step)}）"
    made = []
    if len(labels) > _FEW:
        made.append(charts.line(title, labels, found.by_platform, unit="件"))
    known = {name: sum(n) for name, n in found.by_province.items() if name != UNKNOWN}
    if len(known) > 1:
        made.append(maps.provinces("各省举报数", known))
    if known:
        columns = [beijing.local(at).strftime(format_) for at in found.wide]
        names, counts = list(found.by_province), list(found.by_province.values())
        made.append(charts.heat("各省举报数（自该时起）", names, columns, counts))
    return made


def _length(step: timedelta) -> str:
    hours = step.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} 分钟"
    return f"{hours:.0f} 小时" if hours < 24 else f"{hours / 24:.0f} 天"


def prices(history: History) -> Markup:
    """Prices over time against the lowest of 7 days and the baseline of 19 January 2020."""
    labels = [f"{on:%m-%d}" for on in history.days]
    title = f"{history.product}（每{history.unit}）举报所称单价"
    return charts.line(title, labels, history.series, unit="元")
