"""Everything the page of one case shows, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classifiers.violation import TYPES, ViolationType
from hub.desk.case_page import decision_draft
from hub.desk.cases import (
    case_type,
    evidence,
    execution_ledger,
    findings,
    order_preview,
    related_debunks,
)
from hub.desk.cases import spread as over
from hub.desk.cases.case_type import About
from hub.desk.cases.timeline import Event, events
from hub.desk.merchants import merchant_page
from hub.desk.queue.case_lines import reporters_of, spread_of
from hub.problems import not_found
from hub.services.cases import relations, reliability
from hub.services.cases.ranking import factor
from hub.services.privacy import masking
from hub.services.review import second_review
from hub.services.rumors import matching
from hub.services.warnings import early_warnings
from models import Case, CaseType, Claim, Platform, TypeSource, User
from models.states import BEFORE_DECISION, IN_FORCE, DecisionState


@dataclass(frozen=True)
class Flood:
    """Many reports from few sources, in the same words within an hour."""

    copies: int
    sources: int
    since: datetime


@dataclass(frozen=True)
class MergeSuggestion:
    """Another case that may be about the same claim; a person is asked."""

    case_id: int
    version: int
    title: str
    demand: int
    state: str
    method: str
    score: float
    model: str


@dataclass(frozen=True)
class Related:
    """A case that is one matter with this one."""

    id: int
    kind: str
    title: str
    state: str
    demand: int
    reason: str


@dataclass(frozen=True)
class CaseFile:
    """One case as the page shows it."""

    id: int
    kind: str
    state: str
    version: int
    title: str
    about: list[About]
    theme: str | None
    violation: str | None
    laws: list[str]  # the articles that the charges rest on
    claimed: ViolationType | None  # as its reporters have it, where no rule or model says a type
    owner_id: int | None
    owner: str | None
    owner_until: datetime | None
    parked_until: date | None
    parked_because: str | None
    urgency: float
    demand: int
    denied: int
    counted_platforms: int
    spread: list[tuple[str, int]]
    priority: float
    trust: float
    pressing: float
    reporters: str
    flood: Flood | None
    sources: list[tuple[str, reliability.Reliability]]
    opened_at: datetime
    last_report_at: datetime | None
    closed_because: str | None
    merged_into_id: int | None
    debunks: list[related_debunks.RelatedDebunk]
    evidence: evidence.Evidence
    reading: findings.CaseFindings
    merchant: merchant_page.MerchantSummary | None
    suggestions: list[MergeSuggestion]
    decisions: list[execution_ledger.DecisionView]
    preview: order_preview.Preview | None
    related: list[Related]
    names: dict[str, str]  # of all platforms, by slug
    platforms: list[tuple[str, str, str]]  # slug, name, kind of those that take part
    timeline: list[Event]
    over_time: over.Spread | None
    warnings: list[early_warnings.WarningLine]
    draft: decision_draft.DecisionDraft = field(repr=False)

    @property
    def debunk(self) -> related_debunks.RelatedDebunk | None:
        return related_debunks.best(self.debunks)

    @property
    def free(self) -> bool:
        """Nobody has it in hand, or whoever had it was away too long."""
        lapsed = self.owner_until is not None and self.owner_until < datetime.now(UTC)
        return self.owner_id is None or lapsed

    @property
    def before_decision(self) -> bool:
        return self.state in BEFORE_DECISION

    @property
    def proposal(self) -> execution_ledger.DecisionView | None:
        return next((d for d in self.decisions if d.state == DecisionState.PROPOSED), None)

    @property
    def in_force(self) -> execution_ledger.DecisionView | None:
        return next((d for d in self.decisions if d.state in IN_FORCE), None)

    @property
    def kinds(self) -> list[str]:
        """The kinds of measures a decision may order here."""
        return ["rumor", "violation"] if self.related else [self.kind]

    @property
    def platform_kinds(self) -> list[str]:
        """The kinds of platform that take part."""
        return sorted({kind for _, _, kind in self.platforms})

    @property
    def pending(self) -> bool:
        """Whether something may still change by itself: an answer is owed."""
        return any(d.pending for d in self.decisions)


def read(session: Session, case_id: int, page: int = 1, viewer_id: int | None = None) -> CaseFile:
    """The case as it is now; `page` is that of its wordings. Of others it does not tell what the
    viewer is to judge anew. Raises Problem 404."""
    row = session.execute(
        select(Case, User.name).outerjoin(User, User.id == Case.owner_id).where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        raise not_found("没有这个案件。")
    case, owner = row
    platforms = session.execute(
        select(Platform.slug, Platform.name, Platform.kind, Platform.active).order_by(Platform.id)
    ).all()
    names = {each.slug: each.name for each in platforms}
    platform_reliability = reliability.of_platforms(session, names)
    known = related_debunks.of_case(session, case)
    seen = evidence.gather(session, case, platform_reliability, page)
    merchant = merchant_page.of_case(session, case, viewer_id)
    decided = execution_ledger.decisions(session, case)
    proposed = next((d.decision for d in decided if d.state == DecisionState.PROPOSED), None)
    open_ = case.state in BEFORE_DECISION
    return CaseFile(
        id=case.id,
        kind=case.kind,
        state=case.state,
        version=case.version,
        title=masking.mask(case.title),
        about=case_type.of(case),
        theme=case.theme,
        violation=case.violation,
        claimed=_claimed(case.violation_type),
        laws=findings.laws(case),
        owner_id=case.owner_id,
        owner=owner,
        owner_until=case.owner_until,
        parked_until=case.parked_until,
        parked_because=case.parked_because,
        urgency=case.urgency,
        demand=case.demand,
        denied=sum(case.denied.values()),
        counted_platforms=len(case.spread.keys() - _only_denied(case)),
        spread=spread_of(case, names),
        priority=case.priority,
        trust=case.trust,
        pressing=factor(case.pressing),
        reporters=reporters_of(case),
        flood=_flood(case),
        sources=[(names[slug], platform_reliability[slug]) for slug in case.spread],
        opened_at=case.opened_at,
        last_report_at=case.last_report_at,
        closed_because=case.closed_because,
        merged_into_id=case.merged_into_id,
        debunks=known,
        evidence=seen,
        reading=findings.of(case.assessment),
        merchant=merchant,
        suggestions=_suggestions(session, case) if open_ else [],
        decisions=decided,
        preview=order_preview.of(session, case, proposed) if proposed else None,
        related=[
            Related(c.id, c.kind, c.title, c.state, c.demand, why)
            for c, why in relations.related(session, case)
            if viewer_id is None or not second_review.blind(session, viewer_id, c.id)
        ],
        names=names,
        platforms=[(p.slug, p.name, p.kind) for p in platforms if p.active],
        timeline=events(session, case, names, seen.arrivals),
        over_time=over.of_case(session, case),
        warnings=early_warnings.of_case(session, case.id),
        draft=decision_draft.of(case, seen, merchant, known, decided, names),
    )


def _claimed(told: CaseType | None) -> ViolationType | None:
    return TYPES.get(told.code) if told and told.source is TypeSource.REPORTER else None


def _flood(case: Case) -> Flood | None:
    if not case.flood:
        return None
    since = datetime.fromisoformat(case.flood["since"])
    return Flood(case.flood["copies"], case.flood["sources"], since)


def _only_denied(case: Case) -> set[str]:
    """Platforms that sent nothing but denials."""
    return {slug for slug, n in case.spread.items() if n <= case.denied.get(slug, 0)}


def _suggestions(session: Session, case: Case) -> list[MergeSuggestion]:
    """Open cases whose claim the matcher thinks might be this one, likeliest first."""
    if case.claim_id is None:
        return []
    found = matching.suggested(session, case.claim_id)
    if not found:
        return []
    # A claim that was merged away speaks for the one it went into.
    now = func.coalesce(Claim.merged_into_id, Claim.id)
    others = [other for _, other in found]
    claims = dict(session.execute(select(Claim.id, now).where(Claim.id.in_(others))).all())
    rows = session.scalars(
        select(Case).where(
            Case.claim_id.in_(claims.values()),
            Case.kind == case.kind,
            Case.id != case.id,
            Case.state.in_(BEFORE_DECISION),
        )
    )
    by_claim = {c.claim_id: c for c in rows}
    shown: dict[int, MergeSuggestion] = {}
    for link, other in found:
        target = by_claim.get(claims[other])
        if target and target.id not in shown:
            shown[target.id] = MergeSuggestion(
                target.id, target.version, target.title, target.demand, target.state,
                link.method, link.score, link.model,
            )  # fmt: skip
    return list(shown.values())
