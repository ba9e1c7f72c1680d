"""Second review: officers' blind answers, and supervisors' view of inter-officer agreement."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.oversight import review_figures as desk
from hub.problems import Problem, invalid
from hub.services.cases import actions
from hub.services.people import wellbeing
from hub.services.review import agreement, second_review
from hub.web.common import access, charts, forms
from hub.web.common.access import personal, roles
from models import OFFICERS, User
from models.states import REOPENABLE

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")
_ID = f"<int(max={forms.MAX_ID}):id_>"
_SUPERVISORS = ("approver", "auditor", "admin")


@blueprint.get("")
@roles(*OFFICERS)
def index() -> ResponseReturnValue:
    """Reviews the officer may take and has answered; for supervisors, agreement."""
    return _index()


def _index(problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        user = session.get_one(User, current_user.id)
        over = desk.overview(session) if user.role in _SUPERVISORS else None
        page = render_template(
            "officers/reviews.html",
            waiting=second_review.waiting(session, user),
            in_hand=session.scalar(second_review.unanswered_by(user.id).limit(1)) is not None,
            reviews=user.role in second_review.REVIEWERS,
            own=desk.own(session, user),
            over=over,
            plots=_plots(over) if over else [],
            few=agreement.FEW,
            reopenable=REOPENABLE,
            problem=problem,
            typed=request.form if problem else request.args,
        )
    return page, problem.status if problem else 200


def _plots(over: desk.Overview) -> list[Markup]:
    axes = "首次结论（行）与复核结论（列）"
    return [
        charts.heat(f"{words.KINDS[m.kind]}：{axes}", m.rows, m.rows, m.counts)
        for m in over.matrices
    ]


@blueprint.post("/next")
@roles(*second_review.REVIEWERS)
def next_() -> ResponseReturnValue:
    """取一件: the review already taken, else the oldest one open to this officer."""
    try:
        with session_scope() as session:
            found = second_review.take(session, session.get_one(User, current_user.id)).id
    except Problem as problem:
        return _index(problem)
    return redirect(url_for("reviews.show", id_=found), 303)


@blueprint.get(f"/{_ID}")
@roles(*second_review.REVIEWERS)
@personal
def show(id_: int) -> ResponseReturnValue:
    """The case as it was when drawn; after answering, also how it was decided."""
    return _one(id_)


def _one(id_: int, problem: Problem | None = None) -> ResponseReturnValue:
    with session_scope() as session:
        review = second_review.of(session, session.get_one(User, current_user.id), id_)
        gentle = wellbeing.of(session, current_user, review.case_id)
        case = desk.blind(session, review, forms.page())
        page = render_template(
            "officers/review.html",
            care=gentle,
            veiled=access.veiled(gentle, f"case={review.case_id}"),
            case=case,
            content=case,
            line=desk.line(session, id_) if review.answered_at else None,
            golden=review.golden,
            may=frozenset(),
            problem=problem,
            typed=request.form if problem else {},
        )
    return page, problem.status if problem else 200


@blueprint.post(f"/{_ID}/answer")
@roles(*second_review.REVIEWERS)
def answer(id_: int) -> ResponseReturnValue:
    """The second answer, given once."""
    try:
        with session_scope() as session:
            user = session.get_one(User, current_user.id)
            second_review.answer(session, user, id_, forms.line("answer", 32), forms.text("note"))
    except Problem as problem:
        if problem.status == 404:
            raise
        return _one(id_, problem)
    return redirect(url_for("reviews.show", id_=id_), 303)


@blueprint.post(f"/{_ID}/recuse")
@roles(*second_review.REVIEWERS)
def recuse(id_: int) -> ResponseReturnValue:
    """回避: leave the review to another officer."""
    try:
        with session_scope() as session:
            user = session.get_one(User, current_user.id)
            second_review.recuse(session, user, id_, forms.text("reason", 2000))
    except Problem as problem:
        if problem.status == 404:
            raise
        return _one(id_, problem)
    flash("已回避，这件复核转由他人办理。")
    return redirect(url_for("reviews.index"), 303)


@blueprint.post(f"/{_ID}/settle")
@roles("approver")
def settle(id_: int) -> ResponseReturnValue:
    """Settle a disagreement, optionally reopening the case."""

    def step(session: Session, user: User) -> str:
        because = forms.text("because")
        found = second_review.settle(session, user, id_, forms.line("as", 6), because)
        if request.form.get("reopen") != "1":
            return "分歧已处理。"
        actions.reopen(session, user, found.case_id, forms.version(), because)
        return f"分歧已处理，C{found.case_id} 已重新打开。"

    return _do(step)


@blueprint.post("/rule")
@roles("approver")
def set_rule() -> ResponseReturnValue:
    """Set the shares of decisions drawn from now on."""

    def step(session: Session, user: User) -> str:
        shares = _percent("share"), _percent("golden_share")
        second_review.set_rule(session, user, *shares, forms.text("why"))
        return "抽查比例已更新，从下一件决定起适用。"

    return _do(step)


@blueprint.post("/golden")
@roles("approver")
def golden() -> ResponseReturnValue:
    """标为标准案例: a decided case with its correct answer."""

    def step(session: Session, user: User) -> str:
        case_id = forms.case_number("case")
        second_review.mark_golden(
            session, user, case_id, forms.line("answer", 32), forms.text("why")
        )
        return f"C{case_id} 已标为标准案例。"

    return _do(step)


@blueprint.post(f"/golden/{_ID}/end")
@roles("approver")
def end_golden(id_: int) -> ResponseReturnValue:
    """Stop using a golden case."""

    def step(session: Session, user: User) -> str:
        second_review.end_golden(session, user, id_)
        return f"C{id_} 不再用作标准案例。"

    return _do(step)


def _do(step: Callable[[Session, User], str]) -> ResponseReturnValue:
    try:
        with session_scope() as session:
            message = step(session, session.get_one(User, current_user.id))
    except Problem as problem:
        if problem.status == 404 and not request.form.get("case"):
            raise
        return _index(problem)
    flash(message)
    return redirect(url_for("reviews.index"), 303)


def _percent(name: str) -> float:
    """A percentage as a share of one. Raises Problem 422."""
    try:
        value = float(request.form.get(name, "").strip().rstrip("%％") or "x")
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise invalid(name, "比例请填 0 至 100 之间的数。", "0 至 100")
    return value / 100
