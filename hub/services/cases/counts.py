"""A case's counts of reports, the report that represents it, and the priority that follows.

A post that denies a rumor belongs to the rumor's case without being the rumor: it is counted
separately, raises neither urgency nor priority, and represents the case only while no report
spreads the rumor.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub.services.cases import reporter_counts
from hub.services.cases.ranking import priority
from models import Case, Claim, Platform, Report, Wording
from models.states import COUNTED

_MIN_TITLE = 20  # characters of a title that says by itself what happened


class ReportText(Protocol):
    """A report as a row, or as a worker holds it under a lease."""

    text: Any
    payload: Any


def case_title(report: ReportText) -> str:
    """One sentence for the queue: the name of an article alone does not say what is wrong."""
    title = (report.payload.get("content") or {}).get("title") or ""
    said = title if len(title) >= _MIN_TITLE or report.text in title else report.text
    if title and title not in said:
        said = f"{title}：{said}"
    return " ".join(said.split())[:120]


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


def led_by_denial(case: Case) -> bool:
    """Whether the case is represented by a denial of its rumor: no report spreads the rumor yet."""
    return case.kind == "rumor" and _denial(case.assessment)


def lead(session: Session, case: Case, report: ReportText, wording: Wording) -> None:
    """Make this report, which spreads the rumor, represent the case, and its wording the claim's
    centre where the centre was a denial."""
    case.title = case_title(report)
    case.read_as(wording.assessment)
    claim = session.get(Claim, case.claim_id)
    centre = session.get(Wording, claim.centre_id) if claim else None
    if claim and (centre is None or _denial(centre.assessment)):
        claim.centre_id = wording.id


def relead(session: Session, case: Case) -> None:
    """After reports moved between cases: a case represented by a denial looks for its rumor."""
    if not led_by_denial(case):
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


def count(case: Case, slug: str, by: int, denial: bool = False) -> None:
    """Add `by` reports of the platform `slug` to the case's demand and spread; `denial` also to
    those that deny it."""
    case.demand, case.spread = case.demand + by, _added(case.spread, slug, by)
    if denial:
        case.denied = _added(case.denied or {}, slug, by)


def _added(counts: dict[str, int], slug: str, by: int) -> dict[str, int]:
    """`counts` with `by` more of `slug`, without those that fell to 0."""
    counts = {**counts, slug: counts.get(slug, 0) + by}
    return {each: n for each, n in counts.items() if n > 0}


def rank(case: Case) -> None:
    """Recompute the priority from the current counts, without denials."""
    denied = case.denied or {}
    passed_on = {slug: n - denied.get(slug, 0) for slug, n in case.spread.items()}
    demand = case.demand - sum(denied.values())
    case.priority = priority(case.urgency, demand, passed_on, case.trust, case.pressing)


def recount(session: Session, case: Case) -> None:
    """Demand, spread, denials and priority from the reports themselves."""
    rows = session.execute(
        select(Platform.slug, func.count(), func.count().filter(denying()))
        .join(Report, Report.platform_id == Platform.id)
        .outerjoin(Wording, Wording.id == Report.wording_id)
        .where(Report.case_id == case.id, Report.state.in_(COUNTED))
        .group_by(Platform.slug)
    ).all()
    case.spread = {slug: n for slug, n, _ in rows}
    case.denied = {slug: n for slug, _, n in rows if n and case.kind == "rumor"}
    case.demand = sum(case.spread.values())
    relead(session, case)
    rank(case)
    reporter_counts.count_few(session, [case])
