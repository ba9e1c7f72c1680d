"""An officer confirms or corrects what a case is about 确认类型."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from classifiers.topics import TOPICS
from classifiers.violation import TYPES
from hub.problems import conflict, invalid
from hub.services.audit import audit_log
from hub.services.cases import permitted
from hub.services.review import labels
from models import Case, CaseType, TypeSource, User


def classify(
    session: Session, user: User, case_id: int, version: int, words: dict[str, str]
) -> Case:
    """Keep the officer's theme, violation type or verdict of a case; the case shows them.

    `words` maps a task to a code (for "rumor" a verdict word); empty ones are passed over.
    Raises Problem 404, 409 when the case changed or the merchant has a live case of that type,
    422 when nothing is chosen or a code is unknown.
    """
    case = permitted.locked(session, user, case_id, version, "classify")
    chosen = {task: value for task, value in words.items() if value}
    if not chosen:
        raise invalid("theme", "请至少选择一项。")
    for task, value in chosen.items():
        _check(case, task, value)
    if "violation" in chosen:
        _retype(session, case, chosen["violation"])
    if "theme" in chosen:
        case.theme_type = CaseType(chosen["theme"], TypeSource.OFFICER)
    for task, value in chosen.items():
        kept = labels.VERDICTS[value] if task == "rumor" else value
        labels.record(session, user, case, task, kept, labels.EXPLICIT)
    case.version += 1
    session.flush()
    audit_log.note(session, user.username, "classify", case.id, **chosen)
    return case


def _check(case: Case, task: str, value: str) -> None:
    known = {"theme": TOPICS, "violation": TYPES, "rumor": labels.VERDICTS}[task]
    if value not in known:
        raise invalid(task, "所选类型不在目录中。", "目录中的一项")
    if task == "violation" and case.kind == "rumor":
        raise invalid(task, "谣言案件没有违法类型。")
    if task == "rumor" and case.kind != "rumor":
        raise invalid(task, "违法案件没有查证结论。")


def _retype(session: Session, case: Case, violation: str) -> None:
    """Give the case another type, unless the merchant already has a live case of it."""
    if case.live and case.merchant_id and violation != case.violation:
        query = select(Case.id).where(
            Case.live,
            Case.merchant_id == case.merchant_id,
            Case.violation == violation,
            Case.id != case.id,
        )
        other = session.scalar(query)
        if other:
            raise conflict(f"同一商户同类行为已有案件 C{other}，请并案。")
    case.violation_type = CaseType(violation, TypeSource.OFFICER)
