"""Early warnings 苗头预警: the list, one warning with plot and reports, price baselines."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from hub import beijing
from hub.database import reading_scope, session_scope
from hub.desk.cases import spread
from hub.problems import Problem
from hub.services.warnings import early_warnings, prices, report_counts, surges
from hub.web.common import charts, forms, plots
from hub.web.common.access import READERS, roles
from models import User

blueprint = Blueprint("warnings", __name__)
_ONE = f"/warnings/<int(max={forms.MAX_ID}):id_>"
_MOST = charts.SERIES - 2  # platforms in a plot
_BEFORE, _AFTER = timedelta(hours=12), timedelta(hours=3)  # range of the plot around the warning


@blueprint.get("/warnings")
@roles(*READERS)
def index() -> ResponseReturnValue:
    """Unacknowledged warnings, or the acknowledged ones."""
    seen = forms.query("seen") == "1"
    with reading_scope() as session:
        lines, total = early_warnings.page(session, not seen, forms.page())
        names = early_warnings.names(session)
    return render_template(
        "officers/warnings.html", lines=lines, total=total, seen=seen, names=names,
        page=forms.page(), size=early_warnings.PAGE, rule=surges, prices=prices,
    )  # fmt: skip


@blueprint.get(_ONE)
@roles(*READERS)
def show(id_: int) -> ResponseReturnValue:
    """One warning: the reason, the plot, the reports behind it."""
    with reading_scope() as session:
        found = early_warnings.one(session, id_)
        plot = _plot(session, found)
        reports = spread.behind(session, found)
        names = early_warnings.names(session)
    return render_template(
        "officers/warning.html", w=found, plot=plot, reports=reports, names=names
    )


def _plot(session: Session, found: early_warnings.WarningLine) -> Markup | str:
    if found.case_id is None:
        histories = prices.history(session, None, found.product or "", found.unit or "")
        return plots.prices(histories[0]) if histories else ""
    until = datetime.fromisoformat(found.found["until"])
    start = report_counts.quarter_of(until - _BEFORE)
    counts = report_counts.curve(session, found.case_id, start, until + _AFTER)
    last = max((max(of) for of in counts.values()), default=until)
    bins = [
        start + i * report_counts.STEP for i in range(int((last - start) / report_counts.STEP) + 1)
    ]
    names = early_warnings.names(session)
    series: dict[str, list[float | None]] = {
        "合计": [sum(of.get(at, 0) for of in counts.values()) for at in bins],
        "合计的基线": [_expected(found) for _ in bins],
    }
    for p in sorted(counts, key=lambda p: -sum(counts[p].values()))[:_MOST]:
        series[names.get(p, str(p))] = [counts[p].get(at, 0) for at in bins]
    labels = [beijing.local(at).strftime("%H:%M") for at in bins]
    return charts.line("每刻钟举报数", labels, series, unit="件")


def _expected(found: early_warnings.WarningLine) -> float:
    bins = max(found.found["minutes"] * 60 / surges.QUARTER, 1)
    return round(found.found["expected"] / bins, 2)


@blueprint.post(f"{_ONE}/seen")
@roles("clerk", "handler", "approver")
def acknowledge(id_: int) -> ResponseReturnValue:
    """确认: acknowledge the warning, or report it as false."""
    with session_scope() as session:
        user = session.get_one(User, current_user.id)
        verdict = request.form.get("verdict", "")
        note = forms.text("note", 2000)
        warning = early_warnings.acknowledge(session, user, id_, note, false=verdict == "false")
    flash("已确认预警。" if verdict != "false" else "已记为误报，今后同类预警更严。")
    if warning.case_id and verdict == "case":
        return redirect(url_for("cases.show", case_id=warning.case_id), 303)
    return redirect(url_for("warnings.index"), 303)


@blueprint.get("/prices")
@roles(*READERS)
def products() -> ResponseReturnValue:
    """Prices stated in reports by product, against their baselines."""
    return _products()


def _products(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        lines = spread.products(session)
        known = prices.baselines(session)
    page = render_template(
        "officers/prices.html", lines=lines, known=known, products=prices.PRODUCTS, problem=problem,
        typed=request.form if problem else {}, plots=[plots.prices(line) for line in lines],
    )  # fmt: skip
    return page, problem.status if problem else 200


@blueprint.post("/prices")
@roles("handler")
def set_price() -> ResponseReturnValue:
    """登记基准价: the price of a product on 19 January 2020."""
    try:
        price = float(forms.line("price", 16))
    except ValueError:
        price = 0.0
    try:
        with session_scope() as session:
            user = session.get_one(User, current_user.id)
            named = forms.line("product", 16), forms.line("unit", 5)
            prices.set_baseline(session, user, *named, price, forms.text("source", 500))
    except Problem as problem:
        return _products(problem)
    flash("已登记基准价。")
    return redirect(url_for("warnings.products"), 303)
