"""The decision of a case: the one in force, and the one that waits for approval."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.problems import conflict
from models import Case, Decision, Order
from models.states import IN_FORCE, TERMINAL, CaseState, DecisionState


def in_force(session: Session, case: Case) -> Decision | None:
    """The approved decision of the case, possibly stayed."""
    return session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.state.in_(IN_FORCE))
    )


def open_decision(session: Session, case: Case) -> Decision:
    """The proposal that waits for a second person. Raises Problem 409."""
    decision = session.scalar(
        select(Decision).where(
            Decision.case_id == case.id, Decision.state == DecisionState.PROPOSED
        )
    )
    if decision is None:
        raise conflict("没有待审批的处理建议。")
    return decision


def state_of(session: Session, decision: Decision) -> str:
    """The state of a case that follows from the platforms' answers to its decision."""
    if decision.state == DecisionState.STAYED:
        return CaseState.STAYED
    states = session.scalars(
        select(Order.execution).where(Order.decision_id == decision.id, Order.revokes_id.is_(None))
    ).all()
    if not any(s in TERMINAL for s in states):
        return CaseState.ORDERED
    return CaseState.EXECUTED if all(s in TERMINAL for s in states) else CaseState.PARTLY_EXECUTED
