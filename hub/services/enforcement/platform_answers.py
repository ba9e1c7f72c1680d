"""Platforms' answers to orders: acknowledgement 签收, execution 执行反馈, refusal, appeal.

Execution state comes from these signed answers alone and only moves forward; a repeated answer is
accepted and changes nothing, a contradicting one is refused with 409.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import FieldError, Problem
from hub.services.audit import audit_log
from hub.services.enforcement.decisions import state_of
from hub.services.merchants import deny_list
from models import Appeal, Case, Decision, Order
from models.states import (
    DONE,
    RUNNING,
    TAKEN_BACK,
    TERMINAL,
    AppealState,
    DecisionState,
    OrderExecution,
)

_RESULT = {state.lower(): state for state in DONE}


def take(session: Session, platform_id: int, slug: str, type_: str, data: dict[str, Any]) -> None:
    """Apply one answer. Raises Problem 422 for an order that is not this platform's (whether
    another platform has it is not disclosed) and 409 for a contradiction."""
    order = session.scalar(
        select(Order)
        .where(Order.public_id == data["order_id"], Order.platform_id == platform_id)
        .with_for_update(of=Order, **CHANGING)
    )
    if order is None:
        error = FieldError("data.order_id", "no such order was sent to you", "an order_id of yours")
        raise Problem(422, "unknown_order", "This order is unknown.", [error])
    if type_ == "appeal.filed":
        _appeal(session, slug, order, data)
    elif type_ == "order.acknowledged":
        _acknowledge(session, slug, order)
    elif type_ == "order.executed":
        _finish(session, slug, order, _RESULT[data["result"]], data)
    else:
        _finish(session, slug, order, OrderExecution.REFUSED, data)


def _acknowledge(session: Session, slug: str, order: Order) -> None:
    if order.execution != OrderExecution.NONE:
        return  # late or repeated: the order is already further on
    order.execution, order.acknowledged_at = OrderExecution.ACKNOWLEDGED, func.now()
    audit_log.note(
        session,
        audit_log.platform_actor(slug),
        "acknowledged",
        _case_id(session, order),
        order=order.public_id,
    )


def _finish(session: Session, slug: str, order: Order, state: str, data: dict[str, Any]) -> None:
    if order.execution == state:
        return
    if order.execution == OrderExecution.CANCELLED:
        if order.supersedes_id:  # what it replaced has ended as well
            _end(session, order.supersedes_id)
        if state not in DONE:
            return
        # The answer to its revocation came first: it was executed and has been reversed.
        state = OrderExecution.REVERSED
    elif order.execution in TERMINAL:
        raise Problem(409, "already_answered", f"This order was answered {order.execution} before.")
    order.execution, order.answer, order.answered_at = state, data, func.now()
    order.acknowledged_at = order.acknowledged_at or func.now()
    if order.revokes_id and state != OrderExecution.REFUSED:
        _end(session, order.revokes_id)
    if order.supersedes_id:  # it ends the superseded one, whatever the answer
        _end(session, order.supersedes_id)
    session.flush()
    case_id = _case_id(session, order)
    verb = "refused" if state == OrderExecution.REFUSED else "executed"
    _advance_case(session, case_id)
    audit_log.note(
        session, audit_log.platform_actor(slug), verb, case_id, order=order.public_id, result=state
    )


def _end(session: Session, order_id: int) -> None:
    """A penalty that was revoked or superseded: it is reversed, or never happened."""
    penalty = session.get_one(Order, order_id, with_for_update=dict(CHANGING))
    if penalty.execution not in TAKEN_BACK:
        penalty.execution = (
            OrderExecution.REVERSED if penalty.execution in DONE else OrderExecution.CANCELLED
        )


def _case_id(session: Session, order: Order) -> int:
    return session.scalars(select(Decision.case_id).where(Decision.id == order.decision_id)).one()


def _advance_case(session: Session, case_id: int) -> None:
    """ORDERED -> PARTLY_EXECUTED -> EXECUTED, from the orders of the decision in force."""
    case = session.get_one(Case, case_id, with_for_update=dict(CHANGING))
    if case.state not in RUNNING:
        return
    decision = session.scalar(
        select(Decision).where(
            Decision.case_id == case_id, Decision.state == DecisionState.APPROVED
        )
    )
    if decision is not None:
        case.state = state_of(session, decision)


def _appeal(session: Session, slug: str, order: Order, data: dict[str, Any]) -> None:
    statement = pg_insert(Appeal).values(
        order_id=order.id,
        platform_id=order.platform_id,
        external_id=data["appeal_id"],
        reason=data["reason"],
        payload=data,
    )
    made = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["platform_id", "external_id"]).returning(
            Appeal.id
        )
    )
    if made:
        deny_list.note_appeal(session, order, AppealState.FILED)
        case_id = _case_id(session, order)
        audit_log.note(
            session, audit_log.platform_actor(slug), "appeal", case_id, appeal=data["appeal_id"]
        )
