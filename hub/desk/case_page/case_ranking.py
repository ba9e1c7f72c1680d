"""A case's rank in the queue: its priority and the factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.desk.queue.case_lines import reporters_of, spread_of
from hub.services.cases.ranking import factor
from hub.services.cases.reliability import Reliability
from models import Case


@dataclass(frozen=True)
class Flood:
    """Many reports from few sources, in the same words within an hour."""

    copies: int
    sources: int
    since: datetime


@dataclass(frozen=True)
class CaseRanking:
    """The priority and its factors."""

    priority: float
    urgency: float
    trust: float
    pressing: float
    platforms: int  # that sent more than denials
    spread: list[tuple[str, int]]
    reporters: str
    sources: list[tuple[str, Reliability]]
    flood: Flood | None


def of(
    case: Case, names: dict[str, str], platform_reliability: dict[str, Reliability]
) -> CaseRanking:
    """The factors as last computed."""
    return CaseRanking(
        priority=case.priority,
        urgency=case.urgency,
        trust=case.trust,
        pressing=factor(case.pressing),
        platforms=len(case.spread.keys() - _only_denied(case)),
        spread=spread_of(case, names),
        reporters=reporters_of(case),
        sources=[(names[slug], platform_reliability[slug]) for slug in case.spread],
        flood=_flood(case),
    )


def _flood(case: Case) -> Flood | None:
    if not case.flood:
        return None
    since = datetime.fromisoformat(case.flood["since"])
    return Flood(case.flood["copies"], case.flood["sources"], since)


def _only_denied(case: Case) -> set[str]:
    """Platforms that sent nothing but denials."""
    return {slug for slug, n in case.spread.items() if n <= case.denied.get(slug, 0)}
