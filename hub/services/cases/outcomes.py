"""Platforms are notified of what became of their reports of a case."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.services.platforms import outcomes
from models import Case, Report
from models.states import COUNTED


def tell_reporters(session: Session, case: Case, status: str) -> None:
    """Notify each platform of what became of its own reports of the case."""
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Report.platform_id, Report.external_id).where(
            Report.case_id == case.id, Report.state.in_(COUNTED)
        )
    )
    for platform_id, external_id in rows:
        told[platform_id].append(
            {"report_id": external_id, "status": status, "case": f"C{case.id}"}
        )
    outcomes.send(session, told)


def tell_dismissed(session: Session, case: Case) -> None:
    """Notify platforms that their reports were dismissed."""
    tell_reporters(session, case, "dismissed")
