"""Platforms that do not act 逾期: a reminder at the deadline, then a person's queue.

Nothing here decides anything: the order stays in force, and its platform may still answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import conflict, not_found, required
from hub.services.audit import audit_log
from hub.services.platforms import outbox
from hub.services.review import second_review
from models import Case, Decision, Delivery, Order, Platform, User
from models.states import STUCK, UNANSWERED

BATCH = 200
GRACE_HOURS = 24  # from the reminder until a person takes it up


def remind(session: Session) -> int:
    """Send a reminder for every order whose deadline has passed without a final answer; once
    each. Returns how many."""
    late = (
        Order.execution.in_(UNANSWERED),
        Order.answer_by < func.now(),
        Order.reminded_at.is_(None),
    )
    owing = session.scalars(select(Order.platform_id).where(*late).distinct()).all()
    if not owing:
        return 0
    platforms = {p.id: p for p in outbox.lock_platforms(session, list(owing))}
    due = _locked(session, select(Order).where(*late))
    for order in due:
        order.reminded_at = func.now()
        platform = platforms.get(order.platform_id)
        if platform is None:  # suspended: nothing is sent, it goes to a person
            continue
        data = {
            "order_id": order.public_id,
            "answer_by": order.answer_by.isoformat(),
            "execution": order.execution.lower(),
        }
        seq = outbox.next_seq(session, platform)
        outbox.put(session, platform, "order.reminder", seq, data)
    _note(session, due, "reminded")
    return len(due)


def escalate(session: Session) -> int:
    """Put orders unanswered since the reminder into a person's queue. Returns how many."""
    patience = func.make_interval(0, 0, 0, 0, GRACE_HOURS)
    due = _locked(
        session,
        select(Order).where(
            Order.execution.in_(UNANSWERED),
            Order.answer_by < func.now(),
            Order.reminded_at < func.now() - patience,
            Order.escalated_at.is_(None),
        ),
    )
    for order in due:
        order.escalated_at = func.now()
    _note(session, due, "escalated")
    return len(due)


def _locked(session: Session, query: Select[Order]) -> list[Order]:
    query = query.order_by(Order.id).limit(BATCH)
    return list(session.scalars(query.with_for_update(of=Order, skip_locked=True, **CHANGING)))


def _note(session: Session, orders: list[Order], action: str) -> None:
    session.flush()
    cases = dict(
        session.execute(
            select(Decision.id, Decision.case_id).where(
                Decision.id.in_({o.decision_id for o in orders})
            )
        ).all()
    )
    for order in orders:
        audit_log.note(session, "sweeper", action, cases[order.decision_id], order=order.public_id)


def chase(session: Session, user: User, order_id: int, note: str) -> Order:
    """Record that a person urged the platform 催办, and how. Raises Problem 404, 409, 422."""
    note = required("note", note, "请写明催办情况。", most=2000)
    order = session.get(Order, order_id, with_for_update={"of": Order, **CHANGING})
    if order is None:
        raise not_found("没有这条指令。")
    if order.execution not in UNANSWERED:
        raise conflict("平台已经反馈，无需催办。")
    order.chased_at, order.chased_by_id = func.now(), user.id
    order.chased_note = note
    _note_chase(session, user, order)
    return order


def _note_chase(session: Session, user: User, order: Order) -> None:
    case_id = session.scalar(select(Decision.case_id).where(Decision.id == order.decision_id))
    audit_log.note(
        session, user.username, "chased", case_id, order=order.public_id, why=order.chased_note
    )


@dataclass(frozen=True)
class Overdue:
    """One order that waits for a person."""

    order: Order
    case_id: int
    title: str
    platform: str
    delivery: str | None
    chased_by: str | None
    days: int  # since the deadline, 0 where it is yet to come


def queue(session: Session, limit: int = 200, viewer_id: int | None = None) -> list[Overdue]:
    """What a person has to take up: escalated, or stuck on its way; longest overdue first. Without
    those that the viewer has to review blind."""
    rows = session.execute(
        select(Order, Case.id, Case.title, Platform.name, Delivery.state, User.name, func.now())
        .join(Decision, Decision.id == Order.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .join(Platform, Platform.id == Order.platform_id)
        .outerjoin(Delivery, Delivery.order_id == Order.id)
        .outerjoin(User, User.id == Order.chased_by_id)
        .where(
            Order.execution.in_(UNANSWERED),
            Order.escalated_at.is_not(None) | Delivery.state.in_(STUCK),
            second_review.seen_by(viewer_id),
        )
        .order_by(Order.answer_by)
        .limit(limit)
    )
    return [
        Overdue(o, case, title, name, state, by, max(0, (now - o.answer_by).days))
        for o, case, title, name, state, by, now in rows
    ]


def response(session: Session) -> list[dict[str, object]]:
    """The public figure: per platform, how many orders were due and how they were answered.

    `share` is answered in time over due; an order counts as due once its deadline has passed
    or its answer came, and not at all where it was taken back before that.
    """
    answered = Order.answered_at.is_not(None)
    in_time = answered & (Order.answered_at <= Order.answer_by)
    open_late = Order.execution.in_(UNANSWERED) & (Order.answer_by < func.now())
    rows = session.execute(
        select(
            Platform.slug,
            Platform.name,
            func.count().filter(in_time),
            func.count().filter(answered & ~in_time),
            func.count().filter(open_late),
            func.count().filter(open_late & Order.escalated_at.is_not(None)),
        )
        .join(Order, Order.platform_id == Platform.id)
        .group_by(Platform.id)
        .order_by(Platform.id)
    )
    return [
        {
            "platform": slug,
            "name": name,
            "due": prompt + late + silent,
            "answered_in_time": prompt,
            "answered_late": late,
            "unanswered": silent,
            "escalated": escalated,
            "share": round(prompt / due, 4) if (due := prompt + late + silent) else None,
        }
        for slug, name, prompt, late, silent, escalated in rows
    ]


def moment(session: Session) -> datetime:
    """Database time, as of which the figures hold."""
    return session.scalars(select(func.now())).one()
