"""Which case a report belongs to: by claim for a rumor, by merchant and violation otherwise.

A post that denies a rumor belongs to the rumor's case and is not the rumor: it is counted apart,
raises neither urgency nor priority, and leads the case only as long as nobody passed the rumor
on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder
from hub.database import CHANGING
from hub.services import debunks, matching, subjects, terms
from hub.services.brain import Reading
from hub.services.ranking import priority
from models import Case, Claim, Report, Wording

# A merchant's next offence after a decision is a new case; a rumor stays one case for ever.
UNSPECIFIED = "unspecified"
_TELLING = 20  # characters of a title that says by itself what happened
COUNTED = ("TRIAGE", "MERGED")  # states of a report that its case counts


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
    subject_id = subjects.resolve(
        session, report.platform_id, report.payload.get("subject"), report.id
    )
    if report.kind == "violation" and subject_id:
        case, opened = _case_of_merchant(session, report, wording, subject_id)
    else:
        case, opened = _case_of_claim(session, report, wording, reading, encoder)
    count(case, report, +1, denies(case, wording))
    if not denies(case, wording):
        case.urgency = max(case.urgency, urgency(wording.assessment))
        if _led_by_denial(case):
            lead(session, case, report, wording)
    case.last_report_at = func.now()
    rank(case)
    return case, opened


def _case_of_merchant(
    session: Session, report: Report, wording: Wording, subject_id: int
) -> tuple[Case, bool]:
    violation = main_violation(wording)
    live = select(Case).where(Case.live, Case.subject_id == subject_id, Case.violation == violation)
    case = session.scalar(live)
    if case:
        return case, False
    return _open(session, report, wording, subject_id=subject_id, violation=violation), True


def _case_of_claim(
    session: Session,
    report: Report,
    wording: Wording,
    reading: Reading | None,
    encoder: Encoder,
) -> tuple[Case, bool]:
    if wording.claim_id is None:
        found = _matches(session, wording, reading, encoder)
        matching.join_claim(session, wording, found, encoder.version)
        debunks.stand(session, encoder, wording)
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
        urgency=0.0,  # raised by whoever is counted
        demand=0,
        spread={},
        denied={},
        priority=0.0,
        live=True,
        **group,
    )
    session.add(case)
    session.flush()
    terms.opened(session, case, report.received_at)
    return case


def _title(report: Report) -> str:
    """One sentence for the queue: the name of an article alone does not say what is wrong."""
    title = (report.payload.get("content") or {}).get("title") or ""
    said = title if len(title) >= _TELLING or report.text in title else report.text
    if title and title not in said:
        said = f"{title}：{said}"
    return " ".join(said.split())[:120]


def main_violation(wording: Wording) -> str:
    """The likeliest violation type of a text, by which a merchant's cases are kept apart."""
    findings = wording.assessment.get("violations") or []
    return max(findings, key=lambda f: f["score"])["type"] if findings else UNSPECIFIED


def urgency(assessment: dict[str, Any]) -> float:
    """0..1, of a text as it was assessed."""
    return float((assessment.get("urgency") or {}).get("score") or 0.0)


def denies(case: Case, wording: Wording | None) -> bool:
    """Whether this wording denies the rumor of the case. Nobody denies a merchant's offence
    by reporting it."""
    return case.kind == "rumor" and wording is not None and _denial(wording.assessment)


def denying() -> ColumnElement[bool]:
    """`denies` for wordings in a query over a rumor's case."""
    return func.coalesce(Wording.assessment["stance"]["stance"].astext, "") == "denies"


def _denial(assessment: dict[str, Any]) -> bool:
    return (assessment.get("stance") or {}).get("stance") == "denies"


def _led_by_denial(case: Case) -> bool:
    return case.kind == "rumor" and _denial(case.assessment)


def lead(session: Session, case: Case, report: Report, wording: Wording) -> None:
    """Let the case read as this report, which passes the rumor on, and the claim's centre be
    its wording where that was a denial."""
    case.title, case.assessment = _title(report), wording.assessment
    case.theme = (wording.assessment.get("theme") or {}).get("code")
    claim = session.get(Claim, case.claim_id)
    centre = session.get(Wording, claim.centre_id) if claim else None
    if claim and (centre is None or _denial(centre.assessment)):
        claim.centre_id = wording.id


def relead(session: Session, case: Case) -> None:
    """After reports moved between cases: a case led by a denial looks for its rumor again."""
    if not _led_by_denial(case):
        return
    first = session.execute(
        select(Report, Wording)
        .join(Wording, Wording.id == Report.wording_id)
        .where(Report.case_id == case.id, Report.state.in_(COUNTED), ~denying())
        .order_by(Report.id)
        .limit(1)
    ).first()
    if first:
        lead(session, case, *first)


def count(case: Case, report: Report, by: int, denial: bool = False) -> None:
    """Add `by` reports of this report's platform to the case's demand and spread; `denial`
    also to those that deny it."""
    slug = report.platform.slug
    case.demand, case.spread = case.demand + by, _added(case.spread, slug, by)
    if denial:
        case.denied = _added(case.denied or {}, slug, by)


def _added(counts: dict[str, int], slug: str, by: int) -> dict[str, int]:
    """`counts` with `by` more of `slug`, without those that fell to none."""
    counts = {**counts, slug: counts.get(slug, 0) + by}
    return {each: n for each, n in counts.items() if n > 0}


def rank(case: Case) -> None:
    """Set the priority from what the case counts now, denials apart."""
    denied = case.denied or {}
    passed_on = {slug: n - denied.get(slug, 0) for slug, n in case.spread.items()}
    demand = case.demand - sum(denied.values())
    case.priority = priority(case.urgency, demand, passed_on, case.trust)


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
            Report.state.in_(COUNTED),
        )
        .with_for_update(of=Report, **CHANGING)
    ).all()
    for old in older:
        case = session.get(Case, old.case_id)
        old.state = "SUPERSEDED"
        if case:
            count(case, old, -1, denies(case, session.get(Wording, old.wording_id)))
            rank(case)
