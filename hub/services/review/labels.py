"""Labels: every decision of an officer about a case, beside the machine's verdict.

A label is explicit when the type is confirmed or corrected, otherwise implied: an approved penalty
confirms the type, an approved debunk the rumor, and a dismissed case was neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Label, User, case_type

TASKS = ("rumor", "theme", "violation")
RUMOR, NOT_RUMOR, UNCLEAR = "rumor", "not_rumor", "unclear"
NO_VIOLATION = "none"
# What a checked claim's verdict means for the rumor score; half-truths are no training data.
VERDICTS = {
    "谣言": RUMOR,
    "不实": RUMOR,
    "部分属实": UNCLEAR,
    "属实": NOT_RUMOR,
    "无法核实": UNCLEAR,
}
EXPLICIT = "classify"


@dataclass(frozen=True)
class MachineVerdict:
    """The machine's verdict: a code, empty where it abstained, its score and model version."""

    value: str
    score: float | None
    model: str


def machine_verdict(assessment: dict[str, Any], task: str) -> MachineVerdict:
    """An assessment's verdict for a task."""
    versions = assessment.get("versions") or {}
    if task == "theme":
        theme = assessment.get("theme") or {}
        return MachineVerdict(
            theme.get("code") or "", theme.get("score"), versions.get("theme", "")
        )
    if task == "rumor":
        found = assessment.get("rumor") or {}
        score = found.get("score")
        value = "" if score is None else RUMOR if score >= 0.5 else NOT_RUMOR
        value = "" if found.get("abstained") else value
        return MachineVerdict(value, score, versions.get("rumor", ""))
    best = case_type.strongest(assessment)
    if best is None:
        return MachineVerdict("", None, versions.get("price", ""))
    return MachineVerdict(best["type"], best["score"], best["source"])


def record(session: Session, user: User, case: Case, task: str, value: str, via: str) -> None:
    """Store an officer's label of a case; an implied one never replaces an explicit one."""
    if via != EXPLICIT and _has_explicit(session, case, task):
        return
    found = machine_verdict(case.assessment, task)
    session.add(
        Label(
            case_id=case.id, task=task, value=value, via=via, by_user_id=user.id,
            said=found.value[:32], score=found.score, model=found.model[:64],
        )
    )  # fmt: skip


def _has_explicit(session: Session, case: Case, task: str) -> bool:
    query = select(Label.id).where(
        Label.case_id == case.id, Label.task == task, Label.via == EXPLICIT
    )
    return session.scalar(query.limit(1)) is not None


def approved(session: Session, user: User, case: Case) -> None:
    """Store the label that an approved decision implies."""
    if case.kind == "rumor":
        record(session, user, case, "rumor", RUMOR, "approve")
    elif case.violation_type and case.violation_type.specified:
        record(session, user, case, "violation", case.violation_type.code, "approve")


def dismissed(session: Session, user: User, case: Case) -> None:
    """Store the label that a dismissal implies: no rumor, or no violation."""
    if case.kind == "rumor":
        record(session, user, case, "rumor", NOT_RUMOR, "dismiss")
    else:
        record(session, user, case, "violation", NO_VIOLATION, "dismiss")
