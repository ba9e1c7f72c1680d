"""Reliability 可信度 of reporters and platforms, and reports that come in a flood 集中刷报.

Reliability = (confirmed + 1) / (confirmed + dismissed + 2): the mean of a Beta distribution over
a flat prior, the beta reputation of Jøsang and Ismail (2002), with their forgetting: an outcome
counts half after HALF_LIFE days. Nobody known is at 0.5. A report weighs 0.5 + reliability of its
reporter (of its platform where no reporter is named), so from half to one and a half; none is
ever dropped. All is reckoned anew from the cases as they stand: a dismissal undone leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hub.database import CHANGING
from hub.services import grouping
from models import Case, Platform, Standing

HALF_LIFE = 180  # days
FLOOD_COPIES = 20  # reports of one wording within one hour,
FLOOD_SHARE = 5  # from at most a fifth as many sources, are a flood
_CONFIRMED = "('ORDERED', 'PARTLY_EXECUTED', 'EXECUTED', 'STAYED', 'UNDER_REVIEW')"
_COUNTED = "('TRIAGE', 'MERGED')"
_SOURCE = "encode(sha256(convert_to(r.payload->'reporter'->>'ref', 'UTF8')), 'hex')"

_OUTCOMES = text(f"""
    INSERT INTO standing (platform_id, source, confirmed, dismissed)
    SELECT platform_id, coalesce(source, ''),
           coalesce(sum(weight) FILTER (WHERE confirmed), 0),
           coalesce(sum(weight) FILTER (WHERE NOT confirmed), 0)
    FROM (
        SELECT r.platform_id, {_SOURCE} AS source, c.state <> 'DISMISSED' AS confirmed,
               power(0.5, extract(epoch FROM now() - r.received_at) / 86400 / :half_life) AS weight
        FROM report r JOIN "case" c ON c.id = r.case_id
        WHERE r.state IN {_COUNTED} AND (c.state = 'DISMISSED' OR c.state IN {_CONFIRMED})
    ) AS outcome
    GROUP BY GROUPING SETS ((platform_id, source), (platform_id))
    HAVING grouping(source) = 1 OR source IS NOT NULL
""")
_WEIGHTS = text(f"""
    SELECT r.case_id,
           avg(0.5 + coalesce((s.confirmed + 1) / (s.confirmed + s.dismissed + 2), 0.5)) AS weight
    FROM report r
    LEFT JOIN standing s ON s.platform_id = r.platform_id AND s.source = coalesce({_SOURCE}, '')
    WHERE r.case_id = ANY(:cases) AND r.state IN {_COUNTED}
    GROUP BY r.case_id
""")
_FLOODS = text(f"""
    SELECT r.case_id, count(*) AS copies, date_trunc('hour', r.received_at) AS hour,
           count(DISTINCT coalesce(r.payload->'reporter'->>'ref', r.id::text)) AS sources
    FROM report r
    WHERE r.case_id = ANY(:cases) AND r.state IN {_COUNTED}
    GROUP BY r.case_id, r.wording_id, date_trunc('hour', r.received_at)
    HAVING count(*) >= :copies
       AND count(DISTINCT coalesce(r.payload->'reporter'->>'ref', r.id::text)) * :share <= count(*)
    ORDER BY hour
""")


@dataclass(frozen=True)
class Reliability:
    """Of one source: 0 to 1, and the decayed outcomes it rests on."""

    value: float
    confirmed: float
    dismissed: float


def mean(confirmed: float, dismissed: float) -> float:
    """Mean of Beta(confirmed + 1, dismissed + 1)."""
    return (confirmed + 1) / (confirmed + dismissed + 2)


def of_platform(session: Session, slug: str) -> Reliability:
    """How a platform's reports turned out."""
    return of_platforms(session, [slug])[slug]


def of_platforms(session: Session, slugs: Iterable[str]) -> dict[str, Reliability]:
    """How these platforms' reports turned out, by slug."""
    wanted = list(slugs)
    rows = session.execute(
        select(Platform.slug, Standing)
        .join(Standing, Standing.platform_id == Platform.id)
        .where(Platform.slug.in_(wanted), Standing.source == "")
    )
    known = {slug: _of(s.confirmed, s.dismissed) for slug, s in rows}
    return {slug: known.get(slug, _of(0, 0)) for slug in wanted}


def of_reports(session: Session, ids: list[int]) -> dict[int, Reliability]:
    """The reliability of the reporters of these reports, where a reporter is named."""
    rows = session.execute(
        text(f"""
            SELECT r.id, coalesce(s.confirmed, 0) AS confirmed,
                   coalesce(s.dismissed, 0) AS dismissed
            FROM report r
            LEFT JOIN standing s ON s.platform_id = r.platform_id AND s.source = {_SOURCE}
            WHERE r.id = ANY(:ids) AND r.payload->'reporter'->>'ref' IS NOT NULL
        """),
        {"ids": ids},
    )
    return {row.id: _of(row.confirmed, row.dismissed) for row in rows}


def _of(confirmed: float, dismissed: float) -> Reliability:
    return Reliability(mean(confirmed, dismissed), confirmed, dismissed)


def reckon(session: Session) -> None:
    """Every source's outcomes anew, from the cases as they stand."""
    session.execute(text("DELETE FROM standing"))
    session.execute(_OUTCOMES, {"half_life": HALF_LIFE})


def weigh(session: Session, case_ids: list[int]) -> int:
    """Set trust, flood and priority of these cases; returns how many changed."""
    asked = {"cases": case_ids}
    weights = {case_id: float(w) for case_id, w in session.execute(_WEIGHTS, asked)}
    floods: dict[int, list[Any]] = {}
    limits = {"copies": FLOOD_COPIES, "share": FLOOD_SHARE}
    for row in session.execute(_FLOODS, asked | limits):
        floods.setdefault(row.case_id, []).append(row)
    touched = 0
    for case in session.scalars(
        select(Case)
        .where(Case.id.in_(case_ids))
        .order_by(Case.id)
        .with_for_update(of=Case, **CHANGING)
        .execution_options(populate_existing=True)
    ):
        touched += _set(case, weights.get(case.id, 1.0), floods.get(case.id, []))
    session.flush()
    return touched


def _set(case: Case, weight: float, floods: list[Any]) -> bool:
    """A flood counts as many reports as it has sources."""
    copies, sources = sum(f.copies for f in floods), sum(f.sources for f in floods)
    own = max(case.demand - copies, 0) + sources
    trust = round(weight * min(1.0, own / case.demand if case.demand else 1.0), 4)
    since = floods[0].hour.isoformat() if floods else ""
    flood = {"copies": copies, "sources": sources, "since": since} if floods else None
    if (trust, flood) == (case.trust, case.flood):
        return False
    case.trust, case.flood = trust, flood
    grouping.rank(case)
    return True


def refresh(session: Session) -> int:
    """Reckon all sources, and weigh the cases that wait or got reports within a day."""
    reckon(session)
    recent = text("""
        SELECT id FROM "case" WHERE live AND (
            state IN ('OPEN', 'INVESTIGATING', 'PROPOSED', 'REJECTED', 'WITHDRAWN', 'REOPENED')
            OR last_report_at > now() - interval '1 day') ORDER BY id
    """)
    return weigh(session, list(session.scalars(recent)))
