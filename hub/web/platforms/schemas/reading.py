"""Requests and responses of the API for platforms."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from hub.web.platforms.schemas.inbound import SubjectRef


class ReportEntry(BaseModel):
    """What became of a report."""

    report_id: str
    version: int
    kind: Literal["rumor", "violation"]
    status: Literal[
        "received",
        "quarantined",
        "superseded",
        "triage",
        "merged",
        "decided",
        "dismissed",
        "revoked",
    ]
    case: str | None
    received_at: datetime
    settled_at: datetime | None
    reported: dict[str, Any]


class OrderEntry(BaseModel):
    """One order as it is pulled."""

    seq: int
    type: Literal["order.issued", "order.revoked"]
    issued_at: datetime
    execution: str
    data: dict[str, Any]


class OrderPage(BaseModel):
    """A page of orders; ask again with `after` = `next` while `more`."""

    orders: list[OrderEntry]
    next: int
    more: bool


class DenyQuestion(BaseModel):
    """Merchants who want to open a shop with you, as you would name them in a report."""

    merchants: list[SubjectRef] = Field(min_length=1, max_length=1000)


class DenyVerdict(BaseModel):
    """`denied`: named exactly; `possible`: a name alone, let a person look."""

    index: int
    verdict: Literal["denied", "possible", "clear"]
    by: str | None = None
    entry: str | None = None
    reason: str | None = None
    since: datetime | None = None
    expires_at: datetime | None = None
    appeal: str | None = None


class DenyAnswer(BaseModel):
    """A verdict for each merchant in the order asked; `version` of the list it rests on."""

    version: int
    results: list[DenyVerdict]
    warnings: list[str] = []


class DenyListed(BaseModel):
    """One entry. In force from `since` until `expires_at` or `ended_at`, where there is one."""

    entry: str
    version: int
    uscc: str | None
    merchant_name: str | None
    license_no: str | None
    reason: str
    since: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    appeal: str | None


class DenyPage(BaseModel):
    """What changed since `after`; ask again with `after` = `next` while `more`."""

    version: int
    entries: list[DenyListed]
    next: int
    more: bool


class Restore(BaseModel):
    """The hub was put back to how it was at `since`."""

    since: datetime
    restored_at: datetime


class Recovery(BaseModel):
    """Send again, under the same ids, what you sent between the two times."""

    restores: list[Restore]


class ResponseShare(BaseModel):
    """How one platform answered its orders; `share`: in time of all that were due."""

    platform: str
    name: str
    due: int
    answered_in_time: int
    answered_late: int
    unanswered: int
    escalated: int
    share: float | None


class ResponsePage(BaseModel):
    """Every platform's figures, as of a moment."""

    as_of: datetime
    platforms: list[ResponseShare]
