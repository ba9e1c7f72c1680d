"""What an officer does from the queue itself: take, take next, batches with undo, saved views.

Whatever happens, the officer is back at the same filters and reads what was done and what not.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import bell
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
_SHOWN = 5  # cases that could not be done, named one by one


@blueprint.post("/queue/next")
@roles(*_TRIAGE)
def next_():
    """领取下一件: the most pressing of the filtered cases that nobody has, and its page."""
    try:
        with session_scope() as session:
            case = desk.take_next(session, session.get_one(User, current_user.id), queue.filters())
    except Problem as problem:
        return _back(problem)
    flash(f"已领取，{assignment.MINUTES} 分钟内无人可以领走；每次打开本页重新计时。")
    return redirect(url_for("cases.show", case_id=case.id), 303)


@blueprint.post("/queue/take")
@roles(*_TRIAGE)
def take():
    """领取 one line and stay."""
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
def batch():
    """不予受理 or 并案 for all ticked cases; those that changed meanwhile are named."""
    action = "merge" if request.form.get("action") == "merge" else "dismiss"
    try:
        picks = forms.picked("pick")
        _one(picks)
        step, said = _merging(picks) if action == "merge" else _dismissing()
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
    bell.ring("deliver")
    if failed:
        flash(_failures(failed), "warning")
    if not done:
        return _back()
    flash(f"已{said} {done} 件。")
    return _back(undo=batch_id)


@blueprint.post("/queue/batch/<int:batch_id>/undo")
@roles(*_TRIAGE)
def undo(batch_id: int):
    """撤销 the whole batch; what changed since stays and is named."""
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
def save_view():
    """保存视图: the filters of this address under a name."""
    kept = [(k, v) for k, v in parse_qsl(request.query_string.decode("ascii", "replace")) if v]
    known = [(k, forms.cleaned(v)[:100]) for k, v in kept if k in queue.KNOWN]
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
def forget_view(view_id: int):
    """删除视图, one of the officer's own."""
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
    """Into the case that was named, else into the ticked one with the most reports."""
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


def _back(problem: Problem | None = None, **more: int):
    if problem is not None:
        flash(show.explained(problem), "warning")
        if reason := forms.text("reason", 2000):
            flash(reason, "kept")
    return redirect(queue.to("queue.show", **more), 303)
