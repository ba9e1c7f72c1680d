"""One report unmasked 查看原文, for a case handler with a reason; audited each time."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.problems import invalid, not_found
from hub.services.audit import audit_log
from models import Report, User

_SHORTEST = 4  # characters of a meaningful reason


def reveal(session: Session, user: User, case_id: int, report_id: int, reason: str) -> Report:
    """The report as received. Raises Problem 404 when it is not of the case, 422 without a
    reason."""
    reason = reason.strip()
    if len(reason) < _SHORTEST:
        raise invalid("reason", "请写明查看原文的理由。", "写明为什么需要看到未脱敏的内容")
    report = session.scalar(select(Report).where(Report.id == report_id, Report.case_id == case_id))
    if report is None:
        raise not_found("本案没有这件举报。")
    audit_log.note(
        session, user.username, "revealed", case_id,
        report=f"{report.platform.slug}/{report.external_id}", reason=reason[:500],
    )  # fmt: skip
    return report
