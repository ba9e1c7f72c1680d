"""The webhook endpoint for platforms: `POST /webhooks/<platform>`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from classifiers.entities import check_uscc
from hub import job_queue
from hub.config import BATCH_LIMIT, SINGLE_LIMIT
from hub.database import autocommit, session_scope
from hub.problems import FieldError, Problem
from hub.services.enforcement import platform_answers
from hub.services.merchants import lookups
from hub.services.platforms import directory, door
from hub.services.platforms.door import Sender
from hub.services.privacy import identities
from hub.services.reports import intake
from hub.services.reports.intake import NewReport, StoredAnswer
from hub.web.common.access import open_to_all
from hub.web.platforms import parse
from hub.web.platforms.schemas import INBOUND, BatchData, Envelope, Part, ReportData

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/<slug>")
@open_to_all  # authenticated by the signature
def receive(slug: str) -> Response:
    """Authenticate, store, answer. Every signed message is stored, also if it is rejected."""
    raw = _capped_body()
    sender = door.admit(slug, request.headers, raw)
    answer = _answer(sender, raw)
    if answer.status == 202 and not answer.repeated:
        job_queue.notify_soon("assess")
    kind = "application/json" if answer.status == 202 else "application/problem+json"
    return Response(json.dumps(answer.body), answer.status, mimetype=kind)


def _capped_body() -> bytes:
    """The raw body, never more than the batch limit in memory. Raises Problem 413 or 415."""
    if request.mimetype != "application/json":
        detail = f"Content-Type is {request.mimetype or 'missing'!r}; send application/json."
        raise Problem(415, "wrong_content_type", detail)
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise Problem(
            415, "wrong_content_encoding", f"Content-Encoding {encoding[:32]!r}; send plain bytes."
        )
    if (request.content_length or 0) > BATCH_LIMIT:
        raise _too_large(BATCH_LIMIT)
    raw = request.stream.read(BATCH_LIMIT + 1)
    if len(raw) > BATCH_LIMIT:
        raise _too_large(BATCH_LIMIT)
    return raw


def _too_large(limit: int) -> Problem:
    return Problem(413, "too_large", f"At most {limit // 1024} KiB; a batch may have 4 MiB.")


def _answer(sender: Sender, raw: bytes) -> StoredAnswer:
    """Parse and store. A signed but invalid message is quarantined: stored with its 422."""
    type_: str | None = None
    try:
        type_, data = _parse(raw)
        if type_ == "report.created":
            return _one_report(sender, raw, type_, data)
        if type_ == "report.batch":
            return _batch(sender, raw, type_, data)
        return _other_message(sender, raw, type_, data)
    except Problem as problem:
        if problem.code == "webhook_id_reused":
            raise
        # The handler's transaction was rolled back; the message is stored in another.
        refusal = StoredAnswer(problem.status, problem.to_json())
        with session_scope() as session:
            return _stored_once(session, sender, raw, type_, refusal)


def _stored_once(
    session: Session, sender: Sender, raw: bytes, type_: str | None, answer: StoredAnswer
) -> StoredAnswer:
    """Store the message with its answer; a repeated message gets its earlier answer."""
    if intake.open_message(session, sender, raw, type_, answer) is None:
        return intake.earlier_answer(session, sender, raw)
    return answer


def _parse(raw: bytes) -> tuple[str, Part]:
    document = parse.strict_json(raw)
    type_ = document.get("type")
    if isinstance(type_, str) and type_ not in INBOUND:
        error = FieldError("type", f"{type_[:64]!r} is unknown", f"one of {', '.join(INBOUND)}")
        raise Problem(422, "unknown_type", "This type of message is unknown.", [error])
    if type_ != "report.batch" and len(raw) > SINGLE_LIMIT:
        raise _too_large(SINGLE_LIMIT)
    envelope = parse.validated(Envelope, document, "")
    return envelope.type, parse.validated(INBOUND[envelope.type], envelope.data, "data")


def _one_report(sender: Sender, raw: bytes, type_: str, data: Any) -> StoredAnswer:
    report, warnings = _new_report(data, "data")
    receipt = intake.new_receipt()
    body: dict[str, Any] = {"receipt": receipt, "report": report.report_id, "status": "received"}
    if warnings:
        body["warnings"] = warnings
    with autocommit() as connection:
        if intake.take_new(connection, sender, raw, report, body):
            return StoredAnswer(202, body)
    with session_scope() as session:  # the message or the report is known
        message_id = intake.open_message(session, sender, raw, type_, StoredAnswer(202, body))
        if message_id is None:
            return intake.earlier_answer(session, sender, raw)
        (status,) = intake.store_reports(session, message_id, sender, [report])
        body = {**body, "status": status}
        intake.set_answer(session, message_id, body)
    return StoredAnswer(202, body)


def _batch(sender: Sender, raw: bytes, type_: str, data: Any) -> StoredAnswer:
    with session_scope() as session:
        placeholder = StoredAnswer(202, {"receipt": intake.new_receipt()})
        message_id = intake.open_message(session, sender, raw, type_, placeholder)
        if message_id is None:
            return intake.earlier_answer(session, sender, raw)
        body = {**placeholder.body, **_items(session, message_id, sender, data)}
        intake.set_answer(session, message_id, body)
    return StoredAnswer(202, body)


def _items(session: Session, message_id: int, sender: Sender, data: BatchData) -> dict[str, Any]:
    """Store the valid reports of a batch; returns the status of each report."""
    items: list[dict[str, Any]] = []
    valid: list[tuple[int, NewReport]] = []
    entry: dict[str, Any]
    for index, item in enumerate(data.reports):
        path = f"data.reports[{index}]"
        try:
            report, warnings = _new_report(parse.validated(ReportData, item, path), path)
        except Problem as problem:
            own_id = item.get("report_id") if isinstance(item, dict) else None
            shown = own_id[:128] if isinstance(own_id, str) else None
            entry = {"report": shown, "status": "refused", "problem": problem.to_json()}
        else:
            valid.append((index, report))
            entry = {"report": report.report_id, "warnings": warnings}
        items.append({"index": index, **entry})
    statuses = intake.store_reports(session, message_id, sender, [r for _, r in valid])
    for (index, _), status in zip(valid, statuses, strict=True):
        items[index]["status"] = status
    return {"accepted": len(valid), "refused": len(items) - len(valid), "reports": items}


def _other_message(sender: Sender, raw: bytes, type_: str, data: Any) -> StoredAnswer:
    """Store a message and handle it, in one transaction."""
    parse.not_in_future(data.at, "data.at")
    answer = StoredAnswer(202, {"receipt": intake.new_receipt(), "status": "taken"})
    with session_scope() as session:
        stored = _stored_once(session, sender, raw, type_, answer)
        if not stored.repeated:
            handle = _HANDLERS.get(type_, platform_answers.take)
            handle(session, sender.platform_id, sender.slug, type_, data.model_dump(mode="json"))
    return stored


def _declare(session: Session, platform_id: int, slug: str, type_: str, data: Any) -> None:
    at = datetime.fromisoformat(data["at"])
    directory.declare(session, platform_id, data["measures"], data["kind"], at)


# Handlers of messages other than reports; any other type is an answer to an order.
_HANDLERS: dict[str, Callable[[Session, int, str, str, dict[str, Any]], None]] = {
    "platform.capabilities": _declare,
    "subject.found": lookups.take,
    "subject.absent": lookups.take,
}


def _new_report(data: ReportData, path: str) -> tuple[NewReport, list[str]]:
    """The report to store and warnings for the receipt. Raises Problem 422 for a future time."""
    parse.not_in_future(data.reported_at, f"{path}.reported_at")
    warnings = [f"{name}: unknown field, kept" for name in parse.unknown_fields(data, path)]
    flags = []
    payload = data.model_dump(mode="json")
    warnings += identities.hash_numbers(payload["subject"], f"{path}.subject")
    if data.subject and data.subject.uscc:
        check = check_uscc(data.subject.uscc)
        if not check.ok:
            flags.append("invalid_uscc")
            warnings.append(f"{path}.subject.uscc: {check.reason}; kept, not used for joining")
    report = NewReport(
        report_id=data.report_id,
        kind=data.kind,
        reported_at=data.reported_at,
        text=data.content.text,
        payload=payload,
        flags=flags,
    )
    return report, warnings
