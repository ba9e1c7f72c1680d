"""Notifications to platforms about the reports they forwarded: `report.updated`."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from hub.services.platforms import outbox


def send(session: Session, by_platform: dict[int, list[dict[str, Any]]]) -> None:
    """Queue one `report.updated` per platform with the outcomes of its own reports."""
    if not by_platform:
        return
    for platform in outbox.lock_platforms(session, list(by_platform)):
        outcomes = by_platform[platform.id]
        for start in range(0, len(outcomes), 500):
            seq = outbox.next_seq(session, platform)
            data = {"reports": outcomes[start : start + 500]}
            outbox.put(session, platform, "report.updated", seq, data)
