"""Actions in the queue itself: take, take next, batches with undo, saved views.

Each leads back to the same filters with a message about what was done and what was not.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import job_queue
from hub.database import session_scope
from hub.desk.queue import queue as desk
from hub.problems import Problem, invalid, required
from hub.services.cases import assignment, batches
from hub.services.people import saved_views
from hub.web.common import forms, show
from hub.web.common.access import READERS, roles
from hub.web.officers import queue
from models import Case, User

blueprint = Blueprint("triage", __name__)
_TRIAGE = ("clerk", "handler")
_SHOWN = 5  # failed cases that the message lists


@blueprint.post("/queue/next")
@roles(*_TRIAGE)
def next_() -> ResponseReturnValue:
    """领取下一件: take the filtered case of the highest priority without an owner, and open it."""
    try:
        with session_scope() as session:
            user = session.get_one(User, current_user.id)
            case = assignment.take_next(session, user, desk.unassigned(session, queue.filters()))
    except Problem as problem:
        return _back(problem)
    flash(f"已领取，{assignment.MINUTES} 分钟内无人可以领走；每次打开本页重新计时。")
    return redirect(url_for("cases.show", case_id=case.id), 303)


@blueprint.post("/queue/take")
@roles(*_TRIAGE)
def take() -> ResponseReturnValue:
    """领取 one case and stay in the queue."""
    try:
        case_id, version = _one(forms.picked("take"))
        with session_scope() as session:
            assignment.take(session, session.get_one(User, current_user.id), case_id, version)
    except Problem as problem:
        return _back(problem)
    flash(f"C{case_id} 已领取。")
    return _back()


@blueprint.post("/queue/batch")
@roles(*_TRIAGE)
def batch() -> ResponseReturnValue:
    """不予受理 or 并案 all selected cases; those that changed meanwhile are listed."""
    action = "merge" if request.form.get("action") == "merge" else "dismiss"
    try:
        picks = forms.picked("pick")
        _one(picks)
        step, label = _merging(picks) if action == "merge" else _dismissing()
    except Problem as problem:
        return _back(problem)
    with session_scope() as session:
        batch_id = batches.open_(session, session.get_one(User, current_user.id), action).id
    done, failed = 0, []
    for case_id, version in picks:
        try:
            with session_scope() as session:
                user = session.get_one(User, current_user.id)
                done += step(session, user, batch_id, case_id, version)
        except Problem as problem:
            failed.append((case_id, problem))
    job_queue.notify("deliver")
    if failed:
        flash(_failures(failed), "warning")
    if not done:
        return _back()
    flash(f"已{label} {done} 件。")
    return _back(undo=batch_id)


@blueprint.post("/queue/batch/<int:batch_id>/undo")
@roles(*_TRIAGE)
def undo(batch_id: int) -> ResponseReturnValue:
    """撤销 the whole batch; cases that changed since are left and listed."""
    try:
        with session_scope() as session:
            made = batches.of(session, session.get_one(User, current_user.id), batch_id)
            batches.close(session, made)
    except Problem as problem:
        return _back(problem)
    done, failed = 0, []
    for step in reversed(made.done):
        try:
            with session_scope() as session:
                batches.undo(session, session.get_one(User, current_user.id), made, step)
                done += 1
        except Problem as problem:
            failed.append((step["case"], problem))
    if failed:
        flash(_failures(failed), "warning")
    flash(f"已撤销 {done} 件的{batches.ACTIONS[made.action]}。")
    return _back()


@blueprint.post("/queue/views")
@roles(*READERS)
def save_view() -> ResponseReturnValue:
    """保存视图: save the filters of this address under a name."""
    given = [(k, v) for k, v in parse_qsl(request.query_string.decode("ascii", "replace")) if v]
    known = [(k, forms.cleaned(v)[:100]) for k, v in given if k in queue.FILTERS]
    try:
        with session_scope() as session:
            name = forms.line("name", 40)
            saved_views.save(session, current_user.id, name, urlencode(known))
    except Problem as problem:
        return _back(problem)
    flash(f"视图“{name}”已保存。")
    return _back()


@blueprint.post("/queue/views/<int:view_id>/delete")
@roles(*READERS)
def forget_view(view_id: int) -> ResponseReturnValue:
    """删除视图: delete one of the officer's own views."""
    with session_scope() as session:
        saved_views.forget(session, current_user.id, view_id)
    return _back()


Step = Callable[[Session, User, int, int, int], int]


def _dismissing() -> tuple[Step, str]:
    reason = required("reason", forms.text("reason", 2000), "请写明不予受理的理由。")

    def step(session: Session, user: User, batch_id: int, case_id: int, version: int) -> int:
        batches.dismiss(session, user, batch_id, case_id, version, reason)
        return 1

    return step, "不予受理"


def _merging(picks: list[tuple[int, int]]) -> tuple[Step, str]:
    """Into the given case, else into the selected one with the most reports."""
    reason = forms.text("reason", 500)
    if request.form.get("into", "").strip():
        into = forms.case_number("into")
    else:
        with session_scope() as session:
            found = [session.get(Case, case_id) for case_id, _ in picks]
            into = max((c for c in found if c), key=lambda c: (c.demand, -c.id)).id
    if all(case_id == into for case_id, _ in picks):
        raise invalid("into", "并案至少要选两件，或填写并入的案件编号。")

    def step(session: Session, user: User, batch_id: int, case_id: int, version: int) -> int:
        if case_id == into:
            return 0
        batches.merge(session, user, batch_id, case_id, version, into, reason)
        return 1

    return step, f"并入 C{into}："


def _one(picks: list[tuple[int, int]]) -> tuple[int, int]:
    if not picks:
        raise invalid("case", "请先选择案件。")
    return picks[0]


def _failures(failed: list[tuple[int, Problem]]) -> str:
    named = "；".join(f"C{id_} {show.explained(problem)}" for id_, problem in failed[:_SHOWN])
    return f"{len(failed)} 件没有处理：{named}" + ("……" if len(failed) > _SHOWN else "")


def _back(problem: Problem | None = None, **more: int) -> ResponseReturnValue:
    if problem is not None:
        flash(show.explained(problem), "warning")
        if reason := forms.text("reason", 2000):
            flash(reason, "kept")
    return redirect(queue.to("queue.show", **more), 303)
