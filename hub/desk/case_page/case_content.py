"""The content of a case's page: the reports side by side, the classifiers' findings, the merchant,
known debunks, and related cases."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classifiers.violation import TYPES, ViolationType
from hub.desk.cases import evidence, findings, related_debunks
from hub.desk.merchants import merchant_page
from hub.services.cases import relations
from hub.services.cases.reliability import Reliability
from hub.services.review import second_review
from hub.services.rumors import matching
from models import Case, CaseType, Claim, TypeSource
from models.states import BEFORE_DECISION


@dataclass(frozen=True)
class MergeSuggestion:
    """Another case that may be about the same claim; a person decides."""

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
    """A case that an officer linked to this one."""

    id: int
    kind: str
    title: str
    state: str
    demand: int
    reason: str


@dataclass(frozen=True)
class CaseContent:
    """The material to judge; the page of a second review shows the same."""

    evidence: evidence.Evidence
    reading: findings.CaseFindings
    claimed: ViolationType | None  # the type its reporters chose, where no rule or model found one
    merchant: merchant_page.MerchantSummary | None
    debunks: list[related_debunks.RelatedDebunk]
    suggestions: list[MergeSuggestion]
    related: list[Related]

    @property
    def debunk(self) -> related_debunks.RelatedDebunk | None:
        """The debunk closest to the claim."""
        return related_debunks.best(self.debunks)


def read(
    session: Session,
    case: Case,
    platform_reliability: dict[str, Reliability],
    page: int,
    viewer_id: int | None,
) -> CaseContent:
    """The content; `page` is that of the wordings. Cases that the viewer is to review blindly are
    left out of the related ones."""
    return CaseContent(
        evidence=evidence.gather(session, case, platform_reliability, page),
        reading=findings.of(case.assessment),
        claimed=_claimed(case.violation_type),
        merchant=merchant_page.of_case(session, case, viewer_id),
        debunks=related_debunks.of_case(session, case),
        suggestions=_suggestions(session, case) if case.state in BEFORE_DECISION else [],
        related=[
            Related(c.id, c.kind, c.title, c.state, c.demand, why)
            for c, why in relations.related(session, case)
            if viewer_id is None or not second_review.blind(session, viewer_id, c.id)
        ],
    )


def _claimed(told: CaseType | None) -> ViolationType | None:
    return TYPES.get(told.code) if told and told.source is TypeSource.REPORTER else None


def _suggestions(session: Session, case: Case) -> list[MergeSuggestion]:
    """Open cases whose claim may be this one according to the matcher, best first."""
    if case.claim_id is None:
        return []
    found = matching.suggested(session, case.claim_id)
    if not found:
        return []
    # A merged claim stands for the claim it was merged into.
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
