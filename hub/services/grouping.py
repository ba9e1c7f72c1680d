"""Which case a report belongs to: by claim for a rumor, by merchant and violation otherwise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder
from hub.database import CHANGING
from hub.services import matching, subjects
from hub.services.brain import Reading
from hub.services.ranking import priority
from models import Case, Report, Subject, Wording

# A merchant's next offence after a decision is a new case; a rumor stays one case for ever.
UNSPECIFIED = "unspecified"


def place(
    session: Session,
    report: Report,
    wording: Wording,
    reading: Reading | None,
    encoder: Encoder,
) -> tuple[Case, bool]:
    """The case of `report`, and whether it was opened for it.

    Call under `matching.alone`. An older version of the same report leaves its case.
    """
    withdraw_older_versions(session, report)
    subject = subjects.resolve(session, report.platform_id, report.payload.get("subject"))
    if report.kind == "violation" and subject:
        case, opened = _case_of_merchant(session, report, wording, subject)
    else:
        case, opened = _case_of_claim(session, report, wording, reading, encoder, subject)
    count(case, report, +1)
    case.urgency = max(case.urgency, _urgency(wording))
    case.last_report_at = func.now()
    rank(case)
    return case, opened


def _case_of_merchant(
    session: Session, report: Report, wording: Wording, subject: Subject
) -> tuple[Case, bool]:
    violation = main_violation(wording)
    live = select(Case).where(Case.live, Case.subject_id == subject.id, Case.violation == violation)
    case = session.scalar(live)
    if case:
        return case, False
    return _open(session, report, wording, subject_id=subject.id, violation=violation), True


def _case_of_claim(
    session: Session,
    report: Report,
    wording: Wording,
    reading: Reading | None,
    encoder: Encoder,
    subject: Subject | None,
) -> tuple[Case, bool]:
    if wording.claim_id is None:
        found = _matches(session, wording, reading, encoder)
        matching.join_claim(session, wording, found, encoder.version)
    live = select(Case).where(
        Case.live, Case.claim_id == wording.claim_id, Case.kind == report.kind
    )
    case = session.scalar(live)
    if case:
        return case, False
    violation = main_violation(wording) if report.kind == "violation" else None
    return _open(session, report, wording, claim_id=wording.claim_id, violation=violation), True


def _matches(session: Session, wording: Wording, reading: Reading | None, encoder: Encoder):
    """Matches of a wording without a claim. One that was kept for a merchant's report and now
    comes as a rumor has no reading in hand; its stored vector serves."""
    if reading is not None:
        return matching.matches(session, reading.view, encoder)
    return matching.matches(session, matching.stored_view(wording), encoder)


def _open(session: Session, report: Report, wording: Wording, **group: Any) -> Case:
    theme = wording.assessment.get("theme") or {}
    case = Case(
        kind=report.kind,
        title=_title(report),
        theme=theme.get("code"),
        assessment=wording.assessment,
        urgency=_urgency(wording),
        demand=0,
        spread={},
        priority=0.0,
        live=True,
        **group,
    )
    session.add(case)
    session.flush()
    return case


def _title(report: Report) -> str:
    title = (report.payload.get("content") or {}).get("title")
    return " ".join((title or report.text).split())[:120]


def main_violation(wording: Wording) -> str:
    """The likeliest violation type of a text, by which a merchant's cases are kept apart."""
    findings = wording.assessment.get("violations") or []
    return max(findings, key=lambda f: f["score"])["type"] if findings else UNSPECIFIED


def _urgency(wording: Wording) -> float:
    return float((wording.assessment.get("urgency") or {}).get("score") or 0.0)


def count(case: Case, report: Report, by: int) -> None:
    """Add `by` reports of this report's platform to the case's demand and spread."""
    slug = report.platform.slug
    spread = dict(case.spread)
    spread[slug] = spread.get(slug, 0) + by
    if spread[slug] <= 0:
        del spread[slug]
    case.demand, case.spread = case.demand + by, spread


def rank(case: Case) -> None:
    """Set the priority from what the case counts now."""
    case.priority = priority(case.urgency, case.demand, case.spread)


def withdraw_older_versions(session: Session, report: Report) -> None:
    """A newer version speaks for its report: older ones stay readable but count no more."""
    if report.version == 1:
        return
    older = session.scalars(
        select(Report)
        .where(
            Report.platform_id == report.platform_id,
            Report.external_id == report.external_id,
            Report.version < report.version,
            Report.state.in_(("TRIAGE", "MERGED")),
        )
        .with_for_update(of=Report, **CHANGING)
    ).all()
    for old in older:
        case = session.get(Case, old.case_id)
        old.state = "SUPERSEDED"
        if case:
            count(case, old, -1)
            rank(case)
