"""Every decision is a label: what an officer said of a case, beside what the machine had said.

Said outright when the type is confirmed or corrected, or implied: an approved penalty confirms
the type, an approved debunk the rumor, and what was dismissed was neither.
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
# What a checked claim's verdict means for the rumor score; half-truths teach nothing.
VERDICTS = {
    "谣言": RUMOR,
    "不实": RUMOR,
    "部分属实": UNCLEAR,
    "属实": NOT_RUMOR,
    "无法核实": UNCLEAR,
}
OUTRIGHT = "classify"


@dataclass(frozen=True)
class MachineVerdict:
    """The machine's word: a code, empty where it kept silent, its score and model version."""

    value: str
    score: float | None
    model: str


def said(assessment: dict[str, Any], task: str) -> MachineVerdict:
    """What an assessment says on a task."""
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
    """Keep an officer's word on a case; an implied one never replaces one said outright."""
    if via != OUTRIGHT and _outright(session, case, task):
        return
    found = said(case.assessment, task)
    session.add(
        Label(
            case_id=case.id, task=task, value=value, via=via, by_user_id=user.id,
            said=found.value[:32], score=found.score, model=found.model[:64],
        )
    )  # fmt: skip


def _outright(session: Session, case: Case, task: str) -> bool:
    query = select(Label.id).where(
        Label.case_id == case.id, Label.task == task, Label.via == OUTRIGHT
    )
    return session.scalar(query.limit(1)) is not None


def approved(session: Session, user: User, case: Case) -> None:
    """An approved decision confirms what the case was decided as."""
    if case.kind == "rumor":
        record(session, user, case, "rumor", RUMOR, "approve")
    elif case.violation_type and case.violation_type.specified:
        record(session, user, case, "violation", case.violation_type.code, "approve")


def dismissed(session: Session, user: User, case: Case) -> None:
    """What was not accepted was no rumor, or no violation."""
    if case.kind == "rumor":
        record(session, user, case, "rumor", NOT_RUMOR, "dismiss")
    else:
        record(session, user, case, "violation", NO_VIOLATION, "dismiss")
