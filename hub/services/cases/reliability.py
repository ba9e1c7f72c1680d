"""Reliability 可信度 of reporters and platforms.

Reliability = (confirmed + 1) / (confirmed + dismissed + 2): the mean of a Beta distribution over
a flat prior, the beta reputation of Jøsang and Ismail (2002), with their forgetting: an outcome
counts half after HALF_LIFE days. An unknown source has 0.5. A report weighs 0.5 + reliability of
its reporter (of its platform where no reporter is named), so from half to one and a half; none is
ever dropped. All of it is recomputed from the current cases (see `trust_rounds`), so that an
undone dismissal leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import Platform, Standing

HALF_LIFE = 180  # days
SOURCE = "encode(sha256(convert_to(r.payload->'reporter'->>'ref', 'UTF8')), 'hex')"


@dataclass(frozen=True)
class Reliability:
    """Of one source: a value from 0 to 1, and the decayed outcomes behind it."""

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
        select(Platform.slug, Standing.confirmed, Standing.dismissed)
        .join(Standing, Standing.platform_id == Platform.id)
        .where(Platform.slug.in_(wanted), Standing.source == "")
    )
    known = {slug: _of(confirmed, dismissed) for slug, confirmed, dismissed in rows}
    return {slug: known.get(slug, _of(0, 0)) for slug in wanted}


def of_reports(session: Session, ids: list[int]) -> dict[int, Reliability]:
    """The reliability of the reporters of these reports, where a reporter is named."""
    rows = session.execute(
        text(f"""
            SELECT r.id, coalesce(s.confirmed, 0) AS confirmed,
                   coalesce(s.dismissed, 0) AS dismissed
            FROM report r
            LEFT JOIN standing s ON s.platform_id = r.platform_id AND s.source = {SOURCE}
            WHERE r.id = ANY(:ids) AND r.payload->'reporter'->>'ref' IS NOT NULL
        """),
        {"ids": ids},
    )
    return {row.id: _of(row.confirmed, row.dismissed) for row in rows}


def _of(confirmed: float, dismissed: float) -> Reliability:
    return Reliability(mean(confirmed, dismissed), confirmed, dismissed)
