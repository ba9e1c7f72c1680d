"""Messages that platforms send, and their envelope."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from hub.services.enforcement.measures import CATALOGUE
from hub.web.platforms.schemas.shapes import (
    JointHash,
    Line,
    Moment,
    OwnId,
    Part,
    SomeText,
    Url,
    has_text,
)

MAX_BATCH = 500
CODES = frozenset(CATALOGUE)


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
    id_number_hash: JointHash | None = Field(None, description="see docs/platforms/contract.md, 3")
    phone_hash: JointHash | None = None
    payout_account_hash: JointHash | None = None
    license_no_hash: JointHash | None = None
    id_number: Line | None = Field(None, description="in clear: hashed on receipt, then dropped")
    phone: Line | None = Field(None, description="in clear: hashed on receipt, then dropped")
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
    reason: Annotated[str, StringConstraints(max_length=5000), AfterValidator(has_text)]
    reason_code: Line | None = None


class AppealData(Part):
    """`data` of appeal.filed 申诉, from a merchant through its platform."""

    order_id: OwnId
    appeal_id: OwnId
    at: Moment
    reason: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(has_text)]
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
