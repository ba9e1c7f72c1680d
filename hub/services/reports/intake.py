"""Intake 受理入口: a message and its reports are stored in one transaction, exactly once.

The unique index on (platform, webhook id) decides what is new, also between concurrent requests.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import Lock
from hub.problems import Problem
from hub.services.platforms import door, keys
from hub.services.platforms.door import Sender
from hub.services.privacy import identities
from models import InboundMessage, Report
from models.states import ReportState


@dataclass
class NewReport:
    """One valid report as a platform sent it."""

    report_id: str
    kind: str
    reported_at: datetime
    text: str
    payload: dict[str, Any]
    flags: list[str] = field(default_factory=list)

    @cached_property
    def canonical(self) -> str:
        """The payload as JSON, its keys in order."""
        return json.dumps(self.payload, sort_keys=True, ensure_ascii=False)

    @property
    def content_hash(self) -> str:
        """A hash of the content: a report that is sent again unchanged has the same."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


@dataclass(frozen=True)
class StoredAnswer:
    """The response to a message, the first time and on every repetition."""

    status: int
    body: dict[str, Any]
    repeated: bool = False


def new_receipt() -> str:
    """A receipt 回执号: unguessable, so that it proves that the report was received."""
    return "rc_" + secrets.token_hex(12)


# Message and first version of its report in one statement: one round trip, committed by itself.
# The report's insert has no ON CONFLICT: a report id seen before fails the whole statement, so
# that no message is ever stored without its report.
_TAKE_NEW = """
    WITH message AS (
        INSERT INTO inbound_message
            (platform_id, webhook_id, sha256, raw, sealed, headers, key_id, type, receipt,
             status, answer)
        VALUES (%(platform)s, %(webhook_id)s, %(sha256)s, %(raw)s, %(sealed)s,
                %(headers)s::jsonb, %(key)s, 'report.created', %(receipt)s, 202,
                %(answer)s::jsonb)
        ON CONFLICT (platform_id, webhook_id) DO NOTHING
        RETURNING id
    )
    INSERT INTO report (platform_id, external_id, version, message_id, kind, reported_at,
                        payload, content_hash, text, flags)
    SELECT %(platform)s, %(external_id)s, 1, message.id, %(kind)s, %(reported_at)s,
           %(payload)s::jsonb, %(content_hash)s, %(text)s, %(flags)s::jsonb
    FROM message
    RETURNING id
"""


def _stored_bytes(raw: bytes) -> tuple[bytes, bool]:
    """The bytes to store, and whether they are encrypted: personal numbers in clear are never
    stored readable. The hash beside them is that of the bytes as received."""
    return (keys.seal_bytes(raw), True) if identities.has_clear_number(raw) else (raw, False)


def take_new(
    connection: Connection, sender: Sender, raw: bytes, report: NewReport, body: dict[str, Any]
) -> bool:
    """Store a message with its one report, both new; False, and nothing stored, when either
    is known. For a connection in autocommit: this is the hottest path of the hub."""
    kept, sealed = _stored_bytes(raw)
    values = {
        "platform": sender.platform_id,
        "webhook_id": sender.webhook_id,
        "sha256": hashlib.sha256(raw).digest(),
        "raw": kept,
        "sealed": sealed,
        "headers": json.dumps(sender.headers),
        "key": sender.key_id,
        "receipt": body["receipt"],
        "answer": json.dumps(body),
        "external_id": report.report_id,
        "kind": report.kind,
        "reported_at": report.reported_at,
        "payload": report.canonical,
        "content_hash": report.content_hash,
        "text": report.text,
        "flags": json.dumps(report.flags),
    }
    try:
        return connection.exec_driver_sql(_TAKE_NEW, values).scalar() is not None
    except IntegrityError:
        return False


def open_message(
    session: Session, sender: Sender, raw: bytes, type_: str | None, answer: StoredAnswer
) -> int | None:
    """Store a message with its answer; None when this webhook id was stored before."""
    kept, sealed = _stored_bytes(raw)
    statement = (
        pg_insert(InboundMessage)
        .values(
            platform_id=sender.platform_id,
            webhook_id=sender.webhook_id,
            sha256=hashlib.sha256(raw).digest(),
            raw=kept,
            sealed=sealed,
            headers=sender.headers,
            key_id=sender.key_id,
            type=type_,
            receipt=answer.body.get("receipt") or new_receipt(),
            status=answer.status,
            answer=answer.body,
        )
        .on_conflict_do_nothing(index_elements=["platform_id", "webhook_id"])
        .returning(InboundMessage.id)
    )
    return session.scalar(statement)


def earlier_answer(session: Session, sender: Sender, raw: bytes) -> StoredAnswer:
    """The answer given to this webhook id before. Raises Problem 422 when the bytes differ."""
    row = session.execute(
        select(InboundMessage.sha256, InboundMessage.status, InboundMessage.answer).where(
            InboundMessage.platform_id == sender.platform_id,
            InboundMessage.webhook_id == sender.webhook_id,
        )
    ).one()
    if row.sha256 != hashlib.sha256(raw).digest():
        door.record(sender.slug, "webhook_id_reused", webhook_id=sender.webhook_id)
        raise Problem(
            422,
            "webhook_id_reused",
            "This webhook-id was used for other bytes before; a new message needs a new id.",
        )
    return StoredAnswer(row.status, row.answer, repeated=True)


def store_reports(
    session: Session, message_id: int, sender: Sender, reports: list[NewReport]
) -> list[str]:
    """Store the reports of one message. Returns a status per report, in order:
    ``received`` (new), ``unchanged`` (sent before, same content) or ``new_version``."""
    if not reports:
        return []
    new_ids = _insert_first_versions(session, message_id, sender, reports)
    again = {r.report_id for i, r in enumerate(reports) if new_ids.get(r.report_id) != i}
    locks.hold(session, Lock.REPORT, of=[f"{sender.platform_id}:{id_}" for id_ in again])
    return [
        "received"
        if new_ids.get(report.report_id) == index
        else _store_again(session, message_id, sender, report)
        for index, report in enumerate(reports)
    ]


def _row(message_id: int, sender: Sender, report: NewReport, version: int) -> dict[str, Any]:
    return {
        "platform_id": sender.platform_id,
        "external_id": report.report_id,
        "version": version,
        "message_id": message_id,
        "kind": report.kind,
        "reported_at": report.reported_at,
        "payload": report.payload,
        "content_hash": report.content_hash,
        "text": report.text,
        "flags": report.flags,
    }


def _insert_first_versions(
    session: Session, message_id: int, sender: Sender, reports: list[NewReport]
) -> dict[str, int]:
    """Insert reports not sent before; maps their ids to their place in the message."""
    first: dict[str, int] = {}
    for index, report in enumerate(reports):
        first.setdefault(report.report_id, index)
    # In the order of ids: two batches that share ids must not deadlock.
    rows = [_row(message_id, sender, reports[i], 1) for _, i in sorted(first.items())]
    stored = session.scalars(
        pg_insert(Report)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["platform_id", "external_id", "version"])
        .returning(Report.external_id)
    )
    return {external_id: first[external_id] for external_id in stored}


def _store_again(session: Session, message_id: int, sender: Sender, report: NewReport) -> str:
    """A report id seen before: the same content changes nothing, other content is a version."""
    same_report = (
        Report.platform_id == sender.platform_id,
        Report.external_id == report.report_id,
    )
    latest = session.execute(
        select(Report.version, Report.content_hash)
        .where(*same_report)
        .order_by(Report.version.desc())
        .limit(1)
    ).one()
    if latest.content_hash == report.content_hash:
        return "unchanged"
    session.execute(insert(Report).values(_row(message_id, sender, report, latest.version + 1)))
    # An older version that is not assessed yet need not be; one in a case stays there until
    # the newer one is assessed and replaces it.
    session.execute(
        update(Report)
        .where(*same_report, Report.version <= latest.version, Report.state == ReportState.RECEIVED)
        .values(state=ReportState.SUPERSEDED, settled_at=func.now())
    )
    return "new_version"


def set_answer(session: Session, message_id: int, body: dict[str, Any]) -> None:
    """Fix the answer of a message within the transaction that stores it."""
    session.execute(
        update(InboundMessage).where(InboundMessage.id == message_id).values(answer=body)
    )
