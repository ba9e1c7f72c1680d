"""The contract with platforms: these models validate, and /openapi.json is made from them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from hub.services.measures import CATALOGUE

MAX_BATCH = 500
CODES = frozenset(CATALOGUE)
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII
)


def _rfc3339(value: Any) -> Any:
    if not isinstance(value, str) or not _RFC3339.match(value):
        raise ValueError("must be RFC 3339 with an offset, such as 2020-02-20T09:30:00+08:00")
    return value


def _has_text(value: str) -> str:
    if not value.strip():
        raise ValueError("must hold some text")
    return value


def _sha256_hex(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", value):
        raise ValueError("must be 64 hexadecimal digits, made as docs/platforms.md says")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_rfc3339)]
OwnId = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f]+$")
]
Line = Annotated[str, StringConstraints(max_length=500)]
Url = Annotated[str, StringConstraints(max_length=2000)]
JointHash = Annotated[
    str, AfterValidator(_sha256_hex), Field(json_schema_extra={"pattern": "^[0-9A-Fa-f]{64}$"})
]
SomeText = Annotated[str, StringConstraints(max_length=60_000), AfterValidator(_has_text)]


class Part(BaseModel):
    """Unknown fields are kept with the report and named in the answer's warnings."""

    model_config = ConfigDict(extra="allow", strict=True)


class Content(Part):
    """What was reported."""

    text: SomeText = Field(description="the text reported")
    title: Line | None = None
    url: Url | None = Field(None, description="URL or exact locator on the platform")
    images: list[Url] = Field(default_factory=list, max_length=50)
    evidence_text: Annotated[str, StringConstraints(max_length=20_000)] | None = Field(
        None,
        description="words seen or heard in the pictures or video (OCR, subtitles), a line a frame",
    )


class SubjectRef(Part):
    """The merchant reported, as far as the platform knows it."""

    shop_id: OwnId | None = None
    shop_name: Line | None = None
    merchant_name: Line | None = None
    uscc: Line | None = Field(None, description="unified social credit code, GB 32100-2015")
    license_no: Line | None = None
    address: Line | None = None
    region: Line | None = Field(None, description="GB/T 2260 code")
    id_number_hash: JointHash | None = Field(None, description="see docs/platforms.md, 3")
    phone_hash: JointHash | None = None
    payout_account_hash: JointHash | None = None
    license_no_hash: JointHash | None = None
    id_number: Line | None = Field(None, description="in clear: hashed at the door, then dropped")
    phone: Line | None = Field(None, description="in clear: hashed at the door, then dropped")
    payout_account: Line | None = Field(None, description="in clear: hashed, then dropped")


class Reporter(Part):
    """Who reported. `ref` is opaque: the platform's own pseudonym for the person."""

    kind: Literal["user", "merchant", "staff", "trusted_flagger", "department"]
    ref: Line | None = None
    real_name: bool = Field(False, description="gave the real name, and must be told the outcome")


class ReportData(Part):
    """`data` of report.created."""

    report_id: OwnId = Field(description="the platform's own id, unique on that platform")
    kind: Literal["rumor", "violation"]
    reported_at: Moment = Field(description="RFC 3339 with offset, not in the future")
    content: Content
    subject: SubjectRef | None = None
    reporter: Reporter | None = None
    reason: Line | None = Field(None, description="the reason the reporter chose")
    evidence: list[Any] = Field(default_factory=list, max_length=100)


class BatchData(Part):
    """`data` of report.batch; each report is validated, accepted or refused on its own."""

    reports: list[Any] = Field(min_length=1, max_length=MAX_BATCH)


class AcknowledgedData(Part):
    """`data` of order.acknowledged 签收."""

    order_id: OwnId
    at: Moment


class DoneMeasure(Part):
    """What was done of one measure."""

    code: Line
    target: Line | None = None
    ok: bool
    note: Line | None = None


class ExecutedData(Part):
    """`data` of order.executed 执行反馈. `absent`: not present here, barred from onboarding."""

    order_id: OwnId
    result: Literal["executed", "partial", "absent"]
    at: Moment
    done: list[DoneMeasure] = Field(default_factory=list, max_length=100)
    reached: Annotated[int, Field(ge=0)] | None = Field(
        None, description="people a debunk was pushed to"
    )
    note: Annotated[str, StringConstraints(max_length=5000)] | None = None


class RefusedData(Part):
    """`data` of order.refused."""

    order_id: OwnId
    at: Moment
    reason: Annotated[str, StringConstraints(max_length=5000), AfterValidator(_has_text)]
    reason_code: Line | None = None


class AppealData(Part):
    """`data` of appeal.filed 申诉, from a merchant through its platform."""

    order_id: OwnId
    appeal_id: OwnId
    at: Moment
    reason: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_has_text)]
    evidence: list[Any] = Field(default_factory=list, max_length=100)


def _known_measures(codes: list[str]) -> list[str]:
    unknown = sorted(set(codes) - CODES)
    if unknown:
        raise ValueError(f"unknown measures: {', '.join(unknown)[:200]}")
    return codes


class CapabilitiesData(Part):
    """`data` of platform.capabilities: the measures you can carry out. The whole list each
    time; a later `at` takes the place of an earlier one."""

    at: Moment
    measures: Annotated[
        list[Line], Field(min_length=1, max_length=100), AfterValidator(_known_measures)
    ] = Field(description="codes of the catalogue, see part 5")
    kind: Literal["commerce", "content", "payment"] | None = Field(
        None, description="kind of platform; left out: as registered"
    )


class FoundShop(Part):
    """A shop of the merchant that was looked for; `by` names the keys that fitted."""

    shop_id: OwnId
    shop_name: Line | None = None
    by: list[Literal["uscc", "license_no", "name"]] = Field(min_length=1, max_length=3)


class SubjectFoundData(Part):
    """`data` of subject.found: where the merchant is with you."""

    lookup_id: OwnId
    at: Moment
    shops: list[FoundShop] = Field(min_length=1, max_length=500)


class SubjectAbsentData(Part):
    """`data` of subject.absent: no merchant of yours fits."""

    lookup_id: OwnId
    at: Moment


INBOUND: dict[str, type[Part]] = {
    "report.created": ReportData,
    "report.batch": BatchData,
    "order.acknowledged": AcknowledgedData,
    "order.executed": ExecutedData,
    "order.refused": RefusedData,
    "appeal.filed": AppealData,
    "platform.capabilities": CapabilitiesData,
    "subject.found": SubjectFoundData,
    "subject.absent": SubjectAbsentData,
}


class Envelope(BaseModel):
    """Every message, in and out of the platform's side."""

    model_config = ConfigDict(extra="allow", strict=True)

    type: str
    timestamp: Moment
    data: dict[str, Any]


class FieldProblem(BaseModel):
    """One field that was wrong."""

    field: str
    problem: str
    send: str


class ProblemBody(BaseModel):
    """RFC 9457 application/problem+json."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []


class ReportReceipt(BaseModel):
    """202 for report.created."""

    receipt: str
    report: str
    status: Literal["received", "unchanged", "new_version"]
    warnings: list[str] = []


class ItemReceipt(BaseModel):
    """What became of one report of a batch; `problem` where it was refused."""

    index: int
    report: str | None
    status: Literal["received", "unchanged", "new_version", "refused"]
    warnings: list[str] = []
    problem: ProblemBody | None = None


class BatchReceipt(BaseModel):
    """202 for report.batch."""

    receipt: str
    accepted: int
    refused: int
    reports: list[ItemReceipt]


class AnswerReceipt(BaseModel):
    """202 for order.*, appeal.filed and platform.capabilities."""

    receipt: str
    status: str


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


class ReportState(BaseModel):
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
