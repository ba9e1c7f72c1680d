"""What a platform may read: its own reports and orders, nothing else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import AuditEntry, Case, Order, Platform, Report
from models.states import UNDECIDED, CaseState, ReportState

_STATUS: dict[str, str] = {
    ReportState.RECEIVED: "received",
    ReportState.PROCESSING: "received",
    ReportState.QUARANTINED: "quarantined",
}


def report(session: Session, platform: Platform, report_id: str) -> dict[str, Any] | None:
    """The newest version of a report by the platform's own id, with its status."""
    versions = session.scalars(
        select(Report)
        .where(Report.platform_id == platform.id, Report.external_id == report_id)
        .order_by(Report.version.desc())
    ).all()
    if not versions:
        return None
    newest = versions[0]
    case = session.get(Case, newest.case_id) if newest.case_id else None
    return {
        "report_id": newest.external_id,
        "version": newest.version,
        "kind": newest.kind,
        "status": _status(newest, case),
        "case": f"C{case.id}" if case else None,
        "received_at": newest.received_at.isoformat(),
        "settled_at": newest.settled_at.isoformat() if newest.settled_at else None,
        "reported": newest.payload,
    }


def _status(newest: Report, case: Case | None) -> str:
    if case is None:
        return _STATUS.get(newest.state, newest.state.lower())
    if case.state == CaseState.DISMISSED:
        return "dismissed"
    if case.state == CaseState.REVOKED:
        return "revoked"
    if case.state not in UNDECIDED and case.state != CaseState.MERGED:
        return "decided"
    return newest.state.lower()


def restores(session: Session) -> dict[str, Any]:
    """The times this hub was restored from a backup, newest first: what was sent between
    `since` and `restored_at` is to be sent again, under its old ids."""
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == "restored")
        .order_by(AuditEntry.id.desc())
        .limit(10)
    )
    found = [{"since": e.detail["since"], "restored_at": e.at.isoformat()} for e in entries]
    return {"restores": found}


def orders(session: Session, platform: Platform, after: int, limit: int) -> dict[str, Any]:
    """Orders with a seq above `after`, in seq order; `next` is the next page's `after`."""
    rows = session.scalars(
        select(Order)
        .where(Order.platform_id == platform.id, Order.seq > after)
        .order_by(Order.seq)
        .limit(limit + 1)
    ).all()
    page = rows[:limit]
    return {
        "orders": [
            {
                "seq": o.seq,
                "type": "order.revoked" if o.revokes_id else "order.issued",
                "issued_at": o.created_at.isoformat(),
                "execution": o.execution.lower(),
                "data": o.body,
            }
            for o in page
        ],
        "next": page[-1].seq if page else after,
        "more": len(rows) > limit,
    }
