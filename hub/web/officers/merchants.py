"""Merchants 当事人: the list, one merchant's page, and what an officer does there."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub import job_queue, locks
from hub.database import reading_scope, session_scope
from hub.desk.merchants import merchant_list
from hub.desk.merchants import merchant_page as desk
from hub.locks import Lock
from hub.problems import Problem, conflict, invalid, not_found, required
from hub.services.merchants import conflicts, lookups, merging, shared_values
from hub.services.warnings import prices
from hub.web.common import forms, plots
from hub.web.common.access import READERS, personal, roles
from models import Merchant, User

blueprint = Blueprint("merchants", __name__)

_ONE = f"/merchants/<int(max={forms.MAX_ID}):id_>"
_TRIAGE = ("clerk", "handler")
# Acts on (session, officer, merchant); returns the message and the id of the merchant to show.
Action = Callable[[Session, User, Merchant], tuple[str, int]]


@blueprint.get("/merchants")
@roles(*READERS)
@personal
def index() -> ResponseReturnValue:
    """Merchants by name, code or shop id."""
    q = forms.query("q")
    with reading_scope() as session:
        lines, more = merchant_list.search(session, q, forms.page())
    return render_template(
        "officers/merchants.html", lines=lines, more=more, q=q, page=forms.page()
    )


@blueprint.get("/merchants/shared")
@roles(*READERS)
@personal
def shared() -> ResponseReturnValue:
    """Identity values shared by too many merchants."""
    with reading_scope() as session:
        values = shared_values.listed(session)
    return render_template("officers/shared_values.html", values=values)


@blueprint.post("/merchants/shared")
@roles("handler")
def set_shared() -> ResponseReturnValue:
    """Let a shared value join merchants again, or stop it again."""
    kind, value = forms.line("kind", 16), forms.line("value")
    stopped = request.form.get("stopped") == "1"
    with session_scope() as session:
        user = session.get_one(User, current_user.id)
        shared_values.set_stopped(session, user, kind, value, stopped, forms.text("reason", 500))
    flash("已停用。" if stopped else "已恢复用于归并。")
    return redirect(url_for("merchants.shared"), 303)


@blueprint.get(_ONE)
@roles(*READERS)
@personal
def show(id_: int) -> ResponseReturnValue:
    """One merchant."""
    return _page(id_)


def _page(id_: int, problem: Problem | None = None) -> ResponseReturnValue:
    with reading_scope() as session:
        page = desk.read(session, id_, current_user.id)
        priced = prices.history(session, id_)
    may = current_user.role in _TRIAGE and page.merged_into_id is None
    html = render_template(
        "officers/merchant.html", page=page, m=page.merchant, may=may, problem=problem,
        typed=request.form if problem else {}, price_plots=[plots.prices(h) for h in priced[:4]],
    )  # fmt: skip
    return html, problem.status if problem else 200


def action(does: Action) -> Action:
    """Make `POST /merchants/<id>/<name>` of an action of clerks and handlers.

    One transaction under the lock of whoever changes merchants, then back to the page.
    """

    def view(id_: int) -> ResponseReturnValue:
        try:
            with session_scope() as session:
                locks.hold(session, Lock.CLAIMS)
                user = session.get_one(User, current_user.id)
                said, next_id = does(session, user, _live(session, id_))
        except Problem as problem:
            if problem.status == 404:
                raise
            return _page(id_, problem)
        job_queue.notify("deliver")
        flash(said)
        return redirect(url_for("merchants.show", id_=next_id), 303)

    name = does.__name__
    blueprint.add_url_rule(f"{_ONE}/{name}", name, roles(*_TRIAGE)(view), methods=["POST"])
    return does


def _live(session: Session, id_: int) -> Merchant:
    merchant = session.get(Merchant, id_)
    if merchant is None:
        raise not_found("没有这个商户。")
    if merchant.merged_into_id:
        raise conflict(f"此商户已并入 M{merchant.merged_into_id}。")
    return merchant


def _other(session: Session, merchant: Merchant) -> Merchant:
    number = request.form.get("other", "").strip().lstrip("Mm")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise invalid("other", "请填写另一商户的编号，例如 M12。")
    other = session.get(Merchant, int(number))
    if other is None or other.id == merchant.id:
        raise invalid("other", "没有这个商户，或就是本商户。")
    return _live(session, other.id)


def _reason() -> str:
    return required("reason", forms.text("reason", 2000), "请写明理由。")


@action
def join(session: Session, user: User, merchant: Merchant) -> tuple[str, int]:
    """是同一商户: merge shops, identities and cases. Raises Problem 422."""
    other, reason = _other(session, merchant), _reason()
    if merchant.uscc and other.uscc:
        raise invalid("other", "两个商户各有统一社会信用代码，不能归并。")
    stays = merging.join(session, merchant, other, [{"kind": "person"}], user, reason)
    return "已归并为一个商户，店铺与案件随之转入。", stays.id


@action
def refuse(session: Session, user: User, merchant: Merchant) -> tuple[str, int]:
    """不是同一商户: never suggest or join the pair again."""
    other, reason = _other(session, merchant), _reason()
    merging.put_apart(session, user, merchant, other, reason)
    return "已认定不是同一商户，今后不再提示，也不再自动归并。", merchant.id


@action
def split(session: Session, user: User, merchant: Merchant) -> tuple[str, int]:
    """拆分: move the selected shops and identities to a new merchant."""
    shops, identities = set(forms.ids("shops")), set(forms.ids("identities"))
    new = merging.split(session, user, merchant, shops, identities, _reason())
    return f"已从 M{merchant.id} 拆分为本商户。", new.id


@action
def resolve(session: Session, user: User, merchant: Merchant) -> tuple[str, int]:
    """认定: decide which of two conflicting values is correct; the other platform is notified.

    Raises Problem 422.
    """
    number = forms.ids("conflict")
    if len(number) != 1:
        raise invalid("conflict", "页面缺少冲突编号，请刷新后重试。")
    kept = request.form.get("kept", "")
    conflicts.resolve(session, user, merchant.id, number[0], kept, _reason())
    return "已认定，并通知报错的平台。", merchant.id


@action
def lookup(session: Session, user: User, merchant: Merchant) -> tuple[str, int]:
    """向各平台查找: ask every platform for the merchant's shops. Raises Problem 422."""
    n = lookups.ask(session, merchant.id, user=user)
    if n == 0:
        raise invalid("lookup", "此商户没有可供查找的代码或名称。")
    merging.note_lookup(session, user, merchant, n)
    return f"已向 {n} 个平台查找此商户。", merchant.id
