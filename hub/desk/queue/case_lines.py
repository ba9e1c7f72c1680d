"""One line a case, as the queue and its exports show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hub.desk.cases import case_type, related_debunks
from hub.desk.cases.case_type import About
from hub.desk.queue import search
from hub.services.cases import reliability
from hub.services.cases.ranking import factor
from hub.services.office import clocks
from hub.services.people import wellbeing
from models import Case, Merchant, Platform, Report

HOURS = 24  # that a line's sparkline shows


@dataclass(frozen=True)
class CaseLine:
    """One case in the queue."""

    id: int
    version: int
    kind: str
    state: str
    title: str
    about: list[About]
    demand: int
    denied: int
    spread: list[tuple[str, int]]
    urgency: float
    reasons: list[str]
    priority: float
    trust: float
    pressing: float  # factor of the nearest statutory deadline on the priority
    reporters: str  # number of distinct people, as text; empty where not counted yet
    flood: tuple[int, int] | None  # reports in the same words within an hour, and their sources
    sources: list[tuple[str, float]]  # platforms that reported, and their reliability
    opened_at: datetime
    last_report_at: datetime | None
    owner: str | None
    owner_until: datetime | None
    parked_until: date | None
    merged_into_id: int | None
    debunked: tuple[str, str] | None  # verdict and source of the nearest close debunk
    merchant: tuple[int, str] | None = None  # its id and name, or another identifier
    covered: bool = False  # marked as disturbing: the title is hidden in lists
    clock: clocks.ClockReading | None = None  # the statutory clock that ends first
    hours: list[int] = field(default_factory=list)  # reports of each of the last HOURS hours
    why: search.MatchReason | None = None  # where it matches the search


def of(
    session: Session, rows: Sequence[Any], names: dict[str, str], viewer_id: int | None = None
) -> list[CaseLine]:
    """A line of each (case, owner's name), in a handful of queries for all of them."""
    ids = [case.id for case, _ in rows]
    known = related_debunks.verdicts(session, [case for case, _ in rows])
    covered = wellbeing.covered(session, viewer_id, ids)
    merchants = _merchants(session, {c.merchant_id for c, _ in rows if c.merchant_id})
    due = clocks.nearest(session, ids)
    hours = _hours(session, ids)
    trusted = reliability.of_platforms(session, {slug for case, _ in rows for slug in case.spread})
    return [
        replace(
            _line(case, owner, names, known.get(case.claim_id or 0)),
            clock=due.get(case.id),
            merchant=merchants.get(case.merchant_id or 0),
            covered=case.id in covered,
            hours=hours[case.id],
            sources=[(names.get(slug, slug), trusted[slug].value) for slug in case.spread],
        )
        for case, owner in rows
    ]


def _merchants(session: Session, ids: set[int]) -> dict[int, tuple[int, str]]:
    if not ids:
        return {}
    rows = session.execute(
        select(Merchant.id, Merchant.name, Merchant.uscc).where(Merchant.id.in_(ids))
    )
    return {id_: (id_, name or uscc or f"M{id_}") for id_, name, uscc in rows}


def _hours(session: Session, case_ids: Sequence[int]) -> dict[int, list[int]]:
    """Reports of each case in each of the last HOURS hours, the current one last."""
    # Whole hours back from now; date arithmetic costs a fifth of numeric arithmetic.
    an_hour = text("interval '1 hour'")
    since = func.date_bin(an_hour, Report.received_at, func.now())
    ago = func.extract("epoch", func.now() - since) / 3600 - 1
    rows = session.execute(
        select(Report.case_id, ago, func.count())
        .where(
            Report.case_id.in_(case_ids),
            Report.received_at > func.now() - text(f"interval '{HOURS} hours'"),
        )
        .group_by(Report.case_id, since)
    )
    found: dict[int, list[int]] = defaultdict(lambda: [0] * HOURS)
    for case_id, hour, n in rows:
        assert case_id is not None
        found[case_id][HOURS - 1 - min(max(int(hour), 0), HOURS - 1)] += n
    return found


def platform_names(session: Session) -> dict[str, str]:
    """Slug to Chinese name, in the order of registration."""
    rows = session.execute(select(Platform.slug, Platform.name).order_by(Platform.id))
    return {slug: name for slug, name in rows}


def spread_of(case: Case, names: dict[str, str]) -> list[tuple[str, int]]:
    """(platform's name, reports), most first."""
    ordered = sorted(case.spread.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(names.get(slug, slug), n) for slug, n in ordered]


def reporters_of(case: Case) -> str:
    """How many distinct people reported it; "+" where more reports came in since the count, empty
    where reports were moved away since."""
    people, of = ((case.reporters or {}).get(each, 0) for each in ("people", "of"))
    if not people or case.demand < of:
        return ""
    roughly = "约 " if case.reporters and case.reporters["about"] else ""
    return f"{roughly}{people:,}{'+' if case.demand > of else ''} 人"


def _line(
    case: Case,
    owner: str | None,
    names: dict[str, str],
    known: tuple[str, str] | None,
) -> CaseLine:
    return CaseLine(
        id=case.id,
        version=case.version,
        kind=case.kind,
        state=case.state,
        title=case.title,
        about=case_type.of(case),
        demand=case.demand,
        denied=sum(case.denied.values()),
        spread=spread_of(case, names),
        urgency=case.urgency,
        reasons=((case.assessment.get("urgency") or {}).get("reasons") or [])
        if case.urgency
        else [],
        priority=case.priority,
        trust=case.trust,
        pressing=factor(case.pressing),
        reporters=reporters_of(case),
        flood=(case.flood["copies"], case.flood["sources"]) if case.flood else None,
        sources=[],
        opened_at=case.opened_at,
        last_report_at=case.last_report_at,
        owner=owner,
        owner_until=case.owner_until,
        parked_until=case.parked_until,
        merged_into_id=case.merged_into_id,
        debunked=known if case.kind == "rumor" else None,
    )
