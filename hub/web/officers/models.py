"""The page that shows officers how far the models can be trusted."""

from __future__ import annotations

from flask import Blueprint, render_template

from hub.database import session_scope
from hub.desk import words
from hub.desk.oversight import model_figures
from hub.web.common import charts
from hub.web.common.access import roles

blueprint = Blueprint("learning", __name__)


@blueprint.get("/models")
@roles("approver", "auditor", "admin")
def show():
    """Precision by type, silence, drift, confusion over time, versions."""
    with session_scope() as session:
        found = model_figures.read(session)
    return render_template(
        "officers/models.html", found=found, plots=_plots(found), few=model_figures.FEW
    )


def _plots(found: model_figures.Learning) -> dict[str, object]:
    agreed = {words.TASKS[t.name]: t.agreed for t in found.tasks if t.precision}
    return {
        "agreed": charts.line("机器判断与办案人员结论一致的比例", found.weeks, agreed, share=True),
        "silent": charts.line(
            "谣言评分：弃权比例与平均分", found.weeks,
            {"弃权比例": found.abstained, "平均分": found.mean_score}, share=True,
        ),
        "strange": charts.line(
            "各平台来文与训练数据文体不同的比例", found.weeks, found.strange, share=True
        ),
        "tasks": [(task, _precision(task), _confusion(task)) for task in found.tasks],
    }  # fmt: skip


def _precision(task: model_figures.Task):
    shares = {kind: right / n for kind, (right, n) in task.precision.items()}
    counted = {kind: f"{right}/{n}" for kind, (right, n) in task.precision.items()}
    title = f"{words.TASKS[task.name]}：机器所判各类的精确率"
    return charts.bars(title, shares, notes=counted, share=True)


def _confusion(task: model_figures.Task):
    title = f"{words.TASKS[task.name]}：机器所判（行）与人工结论（列）"
    return charts.heat(title, task.rows, task.columns, task.confusion)
