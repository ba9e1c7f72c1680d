"""Counts of every case's reports by quarter of an hour and platform.

Recounted once a minute for the last hour, so that intake maintains no counter and counting twice
is harmless. A report that waits longer than BACK to be assessed is missed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Interval, and_, cast, func, literal, select, text
from sqlalchemy.orm import Session

from hub.services.warnings import surges
from models import Case, Pulse, Report, Wording
from models.states import COUNTED, in_sql

BACK = timedelta(hours=1)
LONGEST = timedelta(days=2)  # recounted at most, after the worker was down
STEP = timedelta(seconds=surges.QUARTER)
# Unchanged counts are not written again. `quarter` in every condition, for its index.
_RECOUNT = text(
    f"""
    WITH counted AS (
        SELECT case_id, platform_id, count(*) AS n
        FROM report
        WHERE case_id IS NOT NULL AND received_at >= :quarter AND received_at < :until
            AND state IN {in_sql(COUNTED)}
        GROUP BY case_id, platform_id
    ), gone AS (
        DELETE FROM pulse AS p WHERE p.quarter = :quarter AND NOT EXISTS (
            SELECT FROM counted AS c
            WHERE c.case_id = p.case_id AND c.platform_id = p.platform_id)
    )
    INSERT INTO pulse (case_id, quarter, platform_id, n)
    SELECT case_id, :quarter, platform_id, n FROM counted AS c WHERE NOT EXISTS (
        SELECT FROM pulse AS p WHERE p.quarter = :quarter AND p.case_id = c.case_id
            AND p.platform_id = c.platform_id AND p.n = c.n)
    ON CONFLICT (case_id, quarter, platform_id) DO UPDATE SET n = excluded.n
    """
)


def quarter_of(at: datetime) -> datetime:
    """The beginning of the quarter of an hour that `at` is in."""
    seconds = at.timestamp()
    return at - timedelta(seconds=seconds % surges.QUARTER)


def recount(session: Session, now: datetime) -> None:
    """Bring the counts of the last hour up to date, or of the time since they were last made."""
    last = session.scalar(select(func.max(Pulse.quarter)))
    quarter = quarter_of(max(now - LONGEST, min(now - BACK, last or now - LONGEST)))
    while quarter <= now:  # one by one, so that no statement takes long
        session.execute(_RECOUNT, {"quarter": quarter, "until": quarter + STEP})
        quarter += STEP


@dataclass(frozen=True)
class Fresh:
    """Reports within the running window, by case and platform."""

    start: datetime
    now: datetime
    counts: dict[int, dict[int, int]]

    @property
    def exposure(self) -> float:
        """The window's length so far, in bins."""
        return (self.now - self.start).total_seconds() / surges.QUARTER

    @property
    def total(self) -> int:
        return sum(sum(of.values()) for of in self.counts.values())


# Reports of a merged case count for the one it was merged into.
_MERGED = and_(Case.id == Pulse.case_id, Case.merged_into_id.is_not(None))
_SPEAKS = func.coalesce(Case.merged_into_id, Pulse.case_id)


def _with_merged(session: Session, case_ids: list[int]) -> list[int]:
    """These cases and those merged into them."""
    merged = session.scalars(select(Case.id).where(Case.merged_into_id.in_(case_ids)))
    return [*case_ids, *merged]


def fresh(session: Session, now: datetime) -> Fresh:
    """What came in within the window that ends now."""
    start = quarter_of(now) - (surges.WINDOW - 1) * STEP
    rows = session.execute(
        select(_SPEAKS, Pulse.platform_id, func.sum(Pulse.n))
        .outerjoin(Case, _MERGED)
        .where(Pulse.quarter >= start)
        .group_by(_SPEAKS, Pulse.platform_id)
    )
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for case_id, platform_id, n in rows:
        counts[case_id][platform_id] = n
    return Fresh(start, now, dict(counts))


def _aged(start: datetime, quarter: Any, n: Any) -> ColumnElement[float]:
    """The decayed sum of counts before `start`."""
    begin = literal(start, DateTime(timezone=True))
    bins = func.extract("epoch", begin - quarter) / surges.QUARTER
    return func.coalesce(func.sum(n * func.power(surges.DECAY, bins)), 0.0)


def _before(start: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    reach = cast(literal(timedelta(seconds=surges.MEMORY * surges.QUARTER)), Interval)
    return (Pulse.quarter < start, Pulse.quarter >= literal(start) - reach)


def past(session: Session, start: datetime, case_ids: list[int]) -> dict[int, float]:
    """The decayed count of each case before the window."""
    rows = session.execute(
        select(_SPEAKS, _aged(start, Pulse.quarter, Pulse.n))
        .outerjoin(Case, _MERGED)
        .where(Pulse.case_id.in_(_with_merged(session, case_ids)), *_before(start))
        .group_by(_SPEAKS)
    )
    return {case_id: float(n) for case_id, n in rows}


def stream_past(session: Session, start: datetime) -> tuple[float, float]:
    """The decayed count of everything before the window, and its evidence in bins."""
    by_quarter = (
        select(Pulse.quarter, func.sum(Pulse.n).label("n"))
        .where(*_before(start))
        .group_by(Pulse.quarter)
        .subquery()
        .c
    )
    total, first = session.execute(
        select(_aged(start, by_quarter.quarter, by_quarter.n), func.min(by_quarter.quarter))
    ).one()
    return float(total), surges.weight((start - first) / STEP if first else 0.0)


def denials(session: Session, case_id: int, start: datetime) -> dict[int, int]:
    """Reports of the window, by platform, whose wording denies the rumor."""
    stance = Wording.assessment["stance"]["stance"].astext
    rows = session.execute(
        select(Report.platform_id, func.count())
        .join(Wording, Wording.id == Report.wording_id)
        .where(Report.case_id == case_id, Report.kind == "rumor", Report.received_at >= start)
        .where(stance == "denies")
        .group_by(Report.platform_id)
    )
    return {platform_id: n for platform_id, n in rows}


def curve(
    session: Session, case_id: int, since: datetime, until: datetime
) -> dict[int, dict[datetime, int]]:
    """Counts of a case by platform and quarter."""
    rows = session.execute(
        select(Pulse.platform_id, Pulse.quarter, func.sum(Pulse.n))
        .where(Pulse.case_id.in_(_with_merged(session, [case_id])))
        .where(Pulse.quarter >= since, Pulse.quarter <= until)
        .group_by(Pulse.platform_id, Pulse.quarter)
    )
    found: dict[int, dict[datetime, int]] = defaultdict(dict)
    for platform_id, quarter, n in rows:
        found[platform_id][quarter] = n
    return dict(found)
