"""Model quality, for officers to judge how far to rely on the models."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hub.database import reading_scope
from hub.desk import words
from hub.desk.oversight import model_figures
from hub.web.common import charts
from hub.web.common.access import roles

blueprint = Blueprint("learning", __name__)


@blueprint.get("/models")
@roles("approver", "auditor", "admin")
def show() -> ResponseReturnValue:
    """Precision by type, abstention, drift, confusion, versions."""
    with reading_scope() as session:
        found = model_figures.read(session)
    return render_template(
        "officers/models.html", found=found, plots=_plots(found), few=model_figures.FEW
    )


def _plots(found: model_figures.ModelFigures) -> dict[str, object]:
    agreed = {words.TASKS[t.name]: t.agreed for t in found.tasks if t.precision}
    return {
        "agreed": charts.line("机器判断与办案人员结论一致的比例", found.weeks, agreed, share=True),
        "abstained": charts.line(
            "谣言评分：弃权比例与平均分", found.weeks,
            {"弃权比例": found.abstained, "平均分": found.mean_score}, share=True,
        ),
        "out_of_distribution": charts.line(
            "各平台来文与训练数据文体不同的比例", found.weeks, found.out_of_distribution,
            share=True,
        ),
        "tasks": [(task, _precision(task), _confusion(task)) for task in found.tasks],
    }  # fmt: skip


def _precision(task: model_figures.Task) -> Markup:
    shares = {kind: correct / n for kind, (correct, n) in task.precision.items()}
    counted = {kind: f"{correct}/{n}" for kind, (correct, n) in task.precision.items()}
    title = f"{words.TASKS[task.name]}：机器所判各类的精确率"
    return charts.bars(title, shares, notes=counted, share=True)


def _confusion(task: model_figures.Task) -> Markup:
    title = f"{words.TASKS[task.name]}：机器所判（行）与人工结论（列）"
    return charts.heat(title, task.rows, task.columns, task.confusion)
