"""A case's reports side by side: each wording once, with its copies and why it was grouped."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, defer

from hub.database import inline
from hub.desk.cases.highlights import Segment, compared, highlighted
from hub.services.cases import reliability
from hub.services.privacy import masking
from hub.services.reports.report_text import whole_text
from models import Case, Claim, Link, Platform, Report, User, Wording
from models.states import COUNTED, LinkStatus, ReportState

WORDINGS = 20  # wordings a page
COPIES = 6  # reports shown of each wording


@dataclass(frozen=True)
class Copy:
    """One report as its platform sent it, persons' numbers masked; ``own_text`` only where its
    text differs from the wording shown above it."""

    id: int
    platform: str
    external_id: str
    version: int
    state: str
    reported_at: datetime
    received_at: datetime
    own_text: str | None
    content: dict[str, Any]
    subject: dict[str, Any]
    reporter: dict[str, Any]
    reason: str
    evidence: list[Any]
    flags: list[str]
    trusted: reliability.Reliability  # of the reporter; of the platform where it is anonymous
    named: bool  # whether `trusted` is the reporter's


@dataclass(frozen=True)
class JoinReason:
    """Why a wording was grouped with this claim."""

    method: str
    score: float
    model: str
    near: int | None
    by: str | None
    at: datetime


@dataclass
class Variant:
    """One wording in this case."""

    id: int
    stance: str = ""  # empty: in a merchant's case, or assessed before stances existed
    stance_cues: list[str] = field(default_factory=list)
    centre: bool = False
    copies: int = 0
    first_id: int = 0
    spread: dict[str, int] = field(default_factory=dict)
    text: str = ""
    segments: list[Segment] = field(default_factory=list)
    rewritten: bool = False
    moved: bool = False
    why: JoinReason | None = None
    reports: list[Copy] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Counted reports that are not shown."""
        return max(0, self.copies - sum(r.state in COUNTED for r in self.reports))


@dataclass(frozen=True)
class Arrival:
    """When one platform's reports came in."""

    platform: str
    reports: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Evidence:
    """One page of a case's wordings."""

    variants: list[Variant]
    wordings: int
    page: int
    pages: int
    arrivals: list[Arrival]
    centre: str  # the text reported first, without its title
    stances: dict[str, int]  # counted reports by stance; empty for a merchant's case

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The three reasons chosen most among the reports shown."""
        chosen = Counter(r.reason for v in self.variants for r in v.reports if r.reason)
        return chosen.most_common(3)


def gather(
    session: Session,
    case: Case,
    platform_reliability: dict[str, reliability.Reliability],
    page: int = 1,
    last_report_id: int | None = None,
) -> Evidence:
    """The wordings and reports of a case, the centre first, then by number of copies; with
    `last_report_id`, as it was when that was its newest report.
    `platform_reliability`: every platform, by slug."""
    every, arrivals = _tally(session, case, last_report_id)
    centre_id = _centre(session, case, every)
    ordered = sorted(every.values(), key=lambda v: (v.id != centre_id, -v.copies, v.first_id))
    pages = max(1, -(-len(ordered) // WORDINGS))
    page = min(page, pages)
    shown = ordered[(page - 1) * WORDINGS : page * WORDINGS]
    body = whole = ""
    if ordered:
        ordered[0].centre = True
        body, whole = _first_text(session, ordered[0].first_id)
    _fill(session, case, shown, whole, last_report_id, platform_reliability)
    return Evidence(shown, len(ordered), page, pages, arrivals, body, _stances(every))


def _held(case: Case, last_report_id: int | None) -> ColumnElement[bool]:
    """The reports of the case; of a case merged since, those it had."""
    if last_report_id is None:
        return Report.case_id == case.id
    had = or_(Report.case_id == case.id, Report.merged_from_id == case.id)
    return and_(had, Report.id <= last_report_id)


def _tally(
    session: Session, case: Case, last_report_id: int | None
) -> tuple[dict[int, Variant], list[Arrival]]:
    # Aggregated from an index before the few wordings are joined.
    tally = (
        select(
            Report.wording_id,
            Report.platform_id,
            func.count().filter(Report.state.in_(COUNTED)).label("n"),
            func.min(Report.id).label("first_id"),
            func.min(Report.received_at).label("first"),
            func.max(Report.received_at).label("last"),
        )
        .where(_held(case, last_report_id))
        .group_by(Report.wording_id, Report.platform_id)
        .subquery()
    )
    stance = Wording.assessment["stance"]["stance"].astext
    rows = session.execute(
        select(tally, Platform.name, stance.label("stance"))
        .join(Platform, Platform.id == tally.c.platform_id)
        .join(Wording, Wording.id == tally.c.wording_id)
    ).all()
    variants: dict[int, Variant] = {}
    by_platform = defaultdict(list)
    for row in rows:
        variant = variants.setdefault(row.wording_id, Variant(row.wording_id))
        variant.stance = (row.stance or "") if case.kind == "rumor" else ""
        variant.copies += row.n
        if row.n:
            variant.spread[row.name] = row.n
        variant.first_id = min(variant.first_id or row.first_id, row.first_id)
        by_platform[row.name].append(row)
    arrivals = [
        Arrival(name, sum(r.n for r in of), min(r.first for r in of), max(r.last for r in of))
        for name, of in by_platform.items()
    ]
    return variants, sorted(arrivals, key=lambda a: a.first)


def _stances(every: dict[int, Variant]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for variant in every.values():
        if variant.stance:
            found[variant.stance] += variant.copies
    return dict(found)


def _centre(session: Session, case: Case, every: dict[int, Variant]) -> int | None:
    """The claim's centre if it was reported in this case, else the wording that came first of
    those that do not deny it."""
    if case.claim_id:
        centre = session.scalar(select(Claim.centre_id).where(Claim.id == case.claim_id))
        if centre in every:
            return centre
    first = min(every.values(), key=lambda v: (v.stance == "denies", v.first_id), default=None)
    return first.id if first else None


def _first_text(session: Session, report_id: int) -> tuple[str, str]:
    row = session.execute(select(Report.text, Report.payload).where(Report.id == report_id)).one()
    return masking.mask(row.text), masking.mask(whole_text(row.text, row.payload))


def _fill(
    session: Session,
    case: Case,
    shown: list[Variant],
    centre_text: str,
    last_report_id: int | None,
    platform_reliability: dict[str, reliability.Reliability],
) -> None:
    ids = [v.id for v in shown]
    wordings = {
        w.id: w
        for w in session.scalars(
            select(Wording)
            .where(Wording.id.in_(ids))
            .options(defer(Wording.embedding), defer(Wording.signature))
        )
    }
    reasons = _reasons(session, case, ids)
    reports = _reports(session, _held(case, last_report_id), ids)
    every = [r for of in reports.values() for r in of]
    persons = reliability.of_reports(session, [r.id for r in every])
    for variant in shown:
        of = reports[variant.id]
        variant.text = masking.mask(whole_text(of[0].text, of[0].payload))
        variant.moved = wordings[variant.id].merged_from_id is not None
        variant.why = reasons.get(variant.id)
        variant.stance_cues = _stance_cues(wordings[variant.id])
        if variant.centre:
            variant.segments = highlighted(variant.text, wordings[variant.id].assessment)
        else:
            marked = compared(centre_text, variant.text)
            variant.rewritten = marked is None
            variant.segments = marked or [Segment(variant.text)]
        variant.reports = [
            _copy(r, variant.text, persons.get(r.id), platform_reliability) for r in of
        ]


def _stance_cues(wording: Wording) -> list[str]:
    found = wording.assessment.get("stance") or {}
    return [cue["text"] for cue in found.get("cues") or []]


def _reasons(session: Session, case: Case, ids: list[int]) -> dict[int, JoinReason]:
    if case.claim_id is None:
        return {}
    rows = session.execute(
        select(Link, User.name)
        .outerjoin(User, User.id == Link.by_user_id)
        .where(
            Link.wording_id.in_(ids),
            Link.claim_id == case.claim_id,
            Link.status == LinkStatus.joined,
        )
    )
    return {
        link.wording_id: JoinReason(
            link.method, link.score, link.model, link.near_wording_id, by, link.created_at
        )
        for link, by in rows
    }


def _reports(
    session: Session, held: ColumnElement[bool], ids: list[int]
) -> dict[int, list[Report]]:
    """The first reports of each wording; counted ones before superseded ones."""
    order = (
        Report.state == inline(ReportState.SUPERSEDED),
        Report.id,
    )  # as ix_report_wording has them
    first = (
        select(Report.id)
        .where(held, Report.wording_id == Wording.id)
        .order_by(*order)
        .limit(COPIES)
        .correlate(Wording)
        .lateral()
    )
    chosen = select(first.c.id).select_from(Wording).join(first, true())
    found: dict[int, list[Report]] = defaultdict(list)
    for each in session.scalars(
        select(Report).where(Report.id.in_(chosen.where(Wording.id.in_(ids)))).order_by(*order)
    ):
        found[each.wording_id or 0].append(each)
    return found


def _copy(
    report: Report,
    above: str,
    person: reliability.Reliability | None,
    platform_reliability: dict[str, reliability.Reliability],
) -> Copy:
    payload, text = report.payload, masking.mask(report.text)
    return Copy(
        id=report.id,
        platform=report.platform.name,
        external_id=report.external_id,
        version=report.version,
        state=report.state,
        reported_at=report.reported_at,
        received_at=report.received_at,
        own_text=None if text in above else text,
        content=masking.mask_all(payload.get("content") or {}),
        subject={k: v for k, v in (payload.get("subject") or {}).items() if v},
        reporter=masking.reporter(payload.get("reporter") or {}),
        reason=masking.mask(payload.get("reason") or ""),
        evidence=masking.mask_all(payload.get("evidence") or []),
        flags=list(report.flags),
        trusted=person or platform_reliability[report.platform.slug],
        named=person is not None,
    )
