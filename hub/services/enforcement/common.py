"""What every verb of enforcement starts from: the locked case, its decision, its reporters."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.database import CHANGING
from hub.problems import FieldError, Problem, conflict, not_found
from hub.services.assessment import lifecycle
from hub.services.audit import audit_log
from models import Case, Decision, Order, Report, User

BEIJING = ZoneInfo("Asia/Shanghai")
# Execution states after which a platform owes no answer to the order.
TERMINAL = frozenset({"EXECUTED", "PARTIAL", "ABSENT", "REFUSED", "CANCELLED", "REVERSED"})
IN_FORCE = ("APPROVED", "STAYED")  # decision states: there is something to change or to undo
OPEN_FOR_PROPOSAL = ("OPEN", "INVESTIGATING", "REJECTED", "WITHDRAWN", "REOPENED")
# Case states in which a decision is in force and may be changed or overturned.
DECIDED = ("ORDERED", "PARTLY_EXECUTED", "EXECUTED", "STAYED")


def locked_case(session: Session, case_id: int, version: int) -> Case:
    """The case, locked, if it still is at `version`.

    Raises Problem 404 when there is none, 409 when somebody was faster: who and what is told.
    """
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update(**CHANGING)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise not_found("没有这个案件。")
    if case.version != version:
        raise conflict(f"案件已被他人更改{_by_whom(session, case_id)}。请查看最新情况后再操作。")
    return case


def _by_whom(session: Session, case_id: int) -> str:
    last = audit_log.last(session, case_id)
    if last is None:
        return ""
    name = session.scalar(select(User.name).where(User.username == last.actor)) or last.actor
    return f"：{name} 于 {last.at.astimezone(BEIJING):%H:%M:%S} 已{audit_log.word(last.action)}"


def in_force(session: Session, case: Case) -> Decision | None:
    """The decision that stands, or is stayed."""
    return session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.state.in_(IN_FORCE))
    )


def open_decision(session: Session, case: Case) -> Decision:
    """The proposal that waits for a second person. Raises Problem 409."""
    decision = session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.state == "PROPOSED")
    )
    if decision is None:
        raise conflict("没有待审批的处理建议。")
    return decision


def required(field: str, value: str, problem: str) -> str:
    """`value` without blanks around it. Raises Problem 422 when nothing is left."""
    if not value.strip():
        raise Problem(422, "invalid_fields", problem, [FieldError(field, problem, problem)])
    return value.strip()


def state_of(session: Session, decision: Decision) -> str:
    """The state a case has by what the platforms answered to the decision in force."""
    if decision.state == "STAYED":
        return "STAYED"
    states = session.scalars(
        select(Order.execution).where(Order.decision_id == decision.id, Order.revokes_id.is_(None))
    ).all()
    if not any(s in TERMINAL for s in states):
        return "ORDERED"
    return "EXECUTED" if all(s in TERMINAL for s in states) else "PARTLY_EXECUTED"


def tell_reporters(session: Session, case: Case, status: str) -> None:
    """Each platform learns what became of its own reports of the case."""
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Report.platform_id, Report.external_id).where(
            Report.case_id == case.id, Report.state.in_(("TRIAGE", "MERGED"))
        )
    )
    for platform_id, external_id in rows:
        told[platform_id].append(
            {"report_id": external_id, "status": status, "case": f"C{case.id}"}
        )
    lifecycle.tell(session, told)


def tell_dismissed(session: Session, case: Case) -> None:
    """Reporters learn that their reports were dismissed."""
    tell_reporters(session, case, "dismissed")
