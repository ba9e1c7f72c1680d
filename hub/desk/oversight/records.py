"""What administrators and auditors see: accounts, the audit log, quarantine, backlogs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.desk.cases.timeline import Event, event, people_of
from hub.desk.oversight.platform_lines import PAGE
from hub.desk.queue.case_lines import platform_names
from models import (
    AuditEntry,
    Delivery,
    InboundMessage,
    Platform,
    Report,
    SecurityEvent,
    User,
    Viewing,
)
from models.states import IN_FLIGHT, ON_THE_WAY, STUCK, ReportState


@dataclass(frozen=True)
class QuarantinedReport:
    """A report quarantined after five failures."""

    id: int
    platform: str
    external_id: str
    text: str
    error: str | None
    received_at: datetime


@dataclass(frozen=True)
class RefusedMessage:
    """A signed message that was refused, with the response it got."""

    id: int
    platform: str
    webhook_id: str
    type: str | None
    status: int
    detail: str
    errors: list[dict[str, Any]]
    received_at: datetime


@dataclass(frozen=True)
class Alarm:
    """A security event, such as a bad signature on an inbound message."""

    platform: str
    kind: str
    detail: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class LogLine:
    """One audit entry."""

    id: int
    case_id: int | None
    event: Event
    hash: str


def users(session: Session) -> list[User]:
    """Every officer."""
    return list(session.scalars(select(User).order_by(User.active.desc(), User.username)))


def quarantined(session: Session) -> list[QuarantinedReport]:
    """Quarantined reports, newest first."""
    rows = session.scalars(
        select(Report)
        .where(Report.state == ReportState.QUARANTINED)
        .order_by(Report.id.desc())
        .limit(PAGE * 2)
    )
    return [
        QuarantinedReport(
            r.id, r.platform.name, r.external_id, r.text[:300], r.last_error, r.received_at
        )
        for r in rows
    ]


def refused(session: Session) -> list[RefusedMessage]:
    """Signed messages that were refused, newest first."""
    rows = session.execute(
        select(
            InboundMessage.id,
            Platform.name,
            InboundMessage.webhook_id,
            InboundMessage.type,
            InboundMessage.status,
            InboundMessage.answer,
            InboundMessage.received_at,
        )
        .join(Platform, Platform.id == InboundMessage.platform_id)
        .where(InboundMessage.status >= 400)
        .order_by(InboundMessage.id.desc())
        .limit(PAGE * 2)
    )
    return [
        RefusedMessage(
            r.id, r.name, r.webhook_id, r.type, r.status,
            str(r.answer.get("detail") or ""), r.answer.get("errors") or [], r.received_at,
        )
        for r in rows
    ]  # fmt: skip


def alarms(session: Session) -> list[Alarm]:
    """Security events, newest first."""
    names = platform_names(session)
    rows = session.scalars(select(SecurityEvent).order_by(SecurityEvent.id.desc()).limit(PAGE * 2))
    return [
        Alarm(names.get(e.platform_slug or "", e.platform_slug or "—"), e.kind, e.detail, e.at)
        for e in rows
    ]


def log(
    session: Session, case_id: int | None = None, actor: str = "", page: int = 1
) -> tuple[list[LogLine], bool]:
    """One page of the audit log, newest first, and whether there are more."""
    query = (
        select(AuditEntry).order_by(AuditEntry.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    )
    if case_id is not None:
        query = query.where(AuditEntry.case_id == case_id)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    entries = session.scalars(query).all()
    people, names = people_of(session, entries), platform_names(session)
    lines = [
        LogLine(e.id, e.case_id, event(e, people, names), e.hash.hex()[:16]) for e in entries[:PAGE]
    ]
    return lines, len(entries) > PAGE


def viewings(session: Session, username: str = "", page: int = 1) -> tuple[list[Viewing], bool]:
    """One page of who viewed personal data, newest first, and whether there are more."""
    query = select(Viewing).order_by(Viewing.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    if username:
        query = query.where(Viewing.username == username)
    found = list(session.scalars(query))
    return found[:PAGE], len(found) > PAGE


def waiting(session: Session) -> dict[str, int]:
    """The backlog of each stage, for the health endpoint."""
    reports = select(func.count()).where(Report.state.in_(IN_FLIGHT))
    to_send = select(func.count()).where(Delivery.state.in_(ON_THE_WAY))
    stuck = select(func.count()).where(Delivery.state.in_(STUCK))
    row = session.execute(
        select(reports.scalar_subquery(), to_send.scalar_subquery(), stuck.scalar_subquery())
    ).one()
    return dict(
        zip(("reports_waiting", "deliveries_waiting", "deliveries_stuck"), row, strict=True)
    )
