"""Messages that the hub sends to platforms."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Measure(BaseModel):
    """One measure of an order, with its ground and term."""

    code: str
    label: str
    target: Literal["shop", "content", "account", "audience"]
    legal_ground: str
    term_days: int | None = Field(description="null: until revoked")
    reversible: bool
    instead_of: str | None = Field(
        description="what was decided, where you declared that you cannot do it"
    )


class OrderShop(BaseModel):
    """A shop of the subject on the platform addressed."""

    shop_id: str
    shop_name: str | None


class OrderSubject(BaseModel):
    """The merchant, with its identifiers on the platform addressed and nowhere else."""

    uscc: str | None
    merchant_name: str | None
    license_no: str | None
    shops: list[OrderShop]


class OrderClaim(BaseModel):
    """The rumor, with the addressed platform's own reports of it."""

    text: str
    reports: list[str]
    urls: list[str]


class OrderIssued(BaseModel):
    """`data` of order.issued 处置指令."""

    order_id: str
    decision_id: str
    kind: Literal["rumor", "violation"]
    measures: list[Measure]
    subject: OrderSubject | None
    claim: OrderClaim | None
    facts: str
    grounds: list[str] = Field(description="articles of law")
    answer_by: datetime
    not_before: datetime
    expires_at: datetime | None
    supersedes: str | None


class OrderRevoked(BaseModel):
    """`data` of order.revoked: undo `order_id`; answer with `revocation_id` as order_id."""

    order_id: str
    revocation_id: str
    because: Literal["revoked", "stayed", "overturned", "superseded"]
    reason: str
    answer_by: datetime


class OrderReminder(BaseModel):
    """`data` of order.reminder 催告: no final answer came by `answer_by`. Answer the order as
    before; a person calls next, and the share of answers in time is public."""

    order_id: str = Field(description="an order_id, or a revocation_id")
    answer_by: datetime
    execution: Literal["none", "acknowledged"]


class AppealUpdated(BaseModel):
    """`data` of appeal.updated: what became of an appeal you filed; pass it on to the merchant.
    What there is to do comes as order.issued or order.revoked."""

    appeal_id: str
    order_id: str
    state: Literal["stayed", "upheld", "modified", "overturned"]
    reason: str


class ReportOutcome(BaseModel):
    """What became of one report."""

    report_id: str
    status: Literal["triage", "merged", "decided", "dismissed", "revoked"]
    case: str | None
    outcome: str | None = None


class ReportUpdated(BaseModel):
    """`data` of report.updated: outcomes of this platform's own reports."""

    reports: list[ReportOutcome]


class TestPing(BaseModel):
    """`data` of test.ping: sent from the platform's pages; verify and answer 200."""

    note: str


class LookupKey(BaseModel):
    """One thing the merchant is known by: PBKDF2-HMAC-SHA256 of it, in hex."""

    kind: Literal["uscc", "license_no", "name"]
    hash: str


class SubjectLookup(BaseModel):
    """`data` of subject.lookup 查找: answer subject.found or subject.absent."""

    lookup_id: str
    salt: str = Field(description="base64; another for every lookup and platform")
    iterations: int
    keys: list[LookupKey]
    answer_by: datetime


class SubjectCorrected(BaseModel):
    """`data` of subject.corrected: what you told of a merchant was found wrong."""

    uscc: str | None
    shops: list[str] = Field(description="your shops of that merchant")
    field: Literal["legal_name", "uscc"]
    yours: str
    corrected: str
    reason: str


OUTBOUND: dict[str, type[BaseModel]] = {
    "order.issued": OrderIssued,
    "order.revoked": OrderRevoked,
    "order.reminder": OrderReminder,
    "appeal.updated": AppealUpdated,
    "report.updated": ReportUpdated,
    "test.ping": TestPing,
    "subject.lookup": SubjectLookup,
    "subject.corrected": SubjectCorrected,
}
