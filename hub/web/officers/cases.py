"""The page of a case and everything an officer does on it.

Each form carries the version its page showed. A refusal shows the page as it is now, says what
changed, and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import job_queue
from hub.config import settings
from hub.database import reading_scope, session_scope
from hub.desk.case_page import case_file, paper_facts
from hub.problems import Problem
from hub.services.cases import (
    actions,
    assignment,
    claim_suggestions,
    classification,
    permitted,
    relations,
)
from hub.services.cases.lock import locked_case
from hub.services.enforcement import measures
from hub.services.office import clocks
from hub.services.people import wellbeing
from hub.services.review import labels, second_review
from hub.web.common import access, forms, plots, stepup
from hub.web.common.access import READERS, personal, roles
from models import Case, User

blueprint = Blueprint("cases", __name__)

_CASE = f"/cases/<int(max={forms.MAX_ID}):case_id>"
_DRAFTING = ("propose", "change")
# Does the work on (session, officer, case id, version seen); returns what to say and the case
# to show next.
Action = Callable[[Session, User, int, int], tuple[str, int]]


@blueprint.get(_CASE)
@roles(*READERS)
@personal
def show(case_id: int) -> ResponseReturnValue:
    """The case with its evidence, decision and execution."""
    if current_user.role in assignment.HOLDERS and not forms.background():
        with session_scope() as session:
            assignment.renew(session, current_user.id, case_id)
    return _page(case_id)


def _page(case_id: int, problem: Problem | None = None, doing: str = "") -> ResponseReturnValue:
    with reading_scope() as session:
        second_review.not_blind(session, current_user.id, case_id)
        case = case_file.read(session, case_id, forms.page(), current_user.id)
        gentle = wellbeing.of(session, current_user, case_id)
        running, made = clocks.read(session, case_id), paper_facts.shelf(session, case)
        colleagues = assignment.colleagues(session) if case.before_decision else []
        facts = permitted.facts(session, current_user, session.get_one(Case, case_id))
    page = render_template(
        "officers/case.html",
        case=case,
        content=case.content,
        care=gentle,
        veiled=access.veiled(gentle, f"case={case_id}"),
        spread_plots=plots.spread(case.course.over_time),
        clocks=running,
        papers=made,
        colleagues=colleagues,
        may=permitted.actions(facts),
        answers={a.id: permitted.actions(facts.about(a.id)) for a in facts.appeals},
        measures=measures.for_kinds(case.kinds),
        bureau=measures.for_kinds(case.kinds, bureau=True),
        ticked=(
            request.form.getlist("measures")
            if doing in _DRAFTING and problem
            else case.ruling.draft.codes
        ),
        stepped_up=stepup.recent(),
        step_up=settings().step_up,
        typed=request.form if problem else {},
        doing=doing,
        problem=problem,
    )
    return page, problem.status if problem else 200


def action(rings: bool = False, step_up: bool = False) -> Callable[[Action], Action]:
    """Make `POST /cases/<id>/<name>` of an action of `permitted`.

    One transaction, then back to the page; `rings` wakes the senders after the commit, and
    `step_up` asks for the second factor first.
    """

    def make(does: Action) -> Action:
        name = does.__name__

        def view(case_id: int) -> ResponseReturnValue:
            try:
                version = forms.version()
                if step_up:
                    stepup.require()
                with session_scope() as session:
                    user = session.get_one(User, current_user.id)
                    _refuse_at_once(session, user, case_id, version, name)
                    said, next_id = does(session, user, case_id, version)
            except Problem as problem:
                if problem.status == 404:
                    raise
                return _page(case_id, problem, name)
            if rings:
                job_queue.notify("deliver")
            flash(said)
            return redirect(url_for("cases.show", case_id=next_id), 303)

        allowed = roles(*permitted.ACTIONS[name].roles)
        blueprint.add_url_rule(f"{_CASE}/{name}", name, allowed(view), methods=["POST"])
        return does

    return make


def _refuse_at_once(session: Session, user: User, case_id: int, version: int, name: str) -> None:
    """Tell what the case does not allow before what is wrong with the form. The service asks
    again with the case locked, and tells who was faster."""
    case = session.get(Case, case_id)
    if case is not None and case.version == version:
        permitted.require(session, user, case, name)


@action()
def take(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """领取."""
    assignment.take(session, user, case_id, version)
    return "已领取。", case_id


@action()
def release(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """交还."""
    assignment.release(session, user, case_id, version)
    return "已交还。", case_id


@action()
def hand_over(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """移交 to a named officer."""
    assignment.hand_over(session, user, case_id, version, forms.line("to", 64))
    return "已移交。", case_id


@action()
def park(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """暂缓 until a day."""
    until = forms.day("until")
    assignment.park(session, user, case_id, version, until, forms.text("reason", 2000))
    return f"已暂缓，{until} 自动回到待办。", case_id


@action()
def unpark(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """恢复 before its day."""
    assignment.unpark(session, user, case_id, version)
    return "已恢复到待办。", case_id


@action()
def file(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """立案."""
    actions.file(session, user, case_id, version)
    return "已立案，开始计算办案期限。", case_id


@action(rings=True)
def dismiss(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """不予受理; the reporting platforms are told."""
    actions.dismiss(session, user, case_id, version, forms.text("reason"))
    return "已不予受理，并通知转来举报的平台。", case_id


@action()
def reopen(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """重新打开."""
    actions.reopen(session, user, case_id, version, forms.text("reason"))
    return "案件已重新打开。", case_id


@action()
def merge(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """并案; shows the case it went into."""
    into = forms.case_number("into")
    actions.merge(session, user, case_id, version, into, forms.text("reason", 500))
    return f"C{case_id} 已并入本案。", into


@action()
def apart(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """不是同一传言: the suggestion is refused for good."""
    other = forms.case_number("into")
    claim_suggestions.refuse(session, user, case_id, version, other)
    return f"已认定与 C{other} 不是同一传言，今后不再提示。", case_id


@action()
def unmerge(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """撤销并案."""
    actions.unmerge(session, user, case_id, version)
    return "已撤销并案。", case_id


@action()
def split(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """拆分; shows the new case."""
    new = actions.split(session, user, case_id, version, forms.ids("reports"))
    return f"已从 C{case_id} 拆分为本案。", new.id


@action()
def classify(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """确认类型: what the officer says of theme, type or truth; the models learn from it."""
    words = {task: forms.line(task, 32) for task in labels.TASKS}
    classification.classify(session, user, case_id, version, words)
    return "类型已确认。", case_id


@action()
def relate(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """关联: a rumor and the merchant who profits from it are one matter."""
    case = locked_case(session, case_id, version)
    other = relations.relate(
        session, user, case, forms.case_number("into"), forms.text("reason", 2000)
    )
    return f"已与 C{other.id} 关联。", case_id


@action()
def unrelate(session: Session, user: User, case_id: int, version: int) -> tuple[str, int]:
    """解除关联."""
    case = locked_case(session, case_id, version)
    other = forms.case_number("into")
    relations.unrelate(session, user, case, other)
    return f"已解除与 C{other} 的关联。", case_id
