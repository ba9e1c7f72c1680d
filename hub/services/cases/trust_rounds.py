"""Weighing 可信加权 in small steps: who is reliable, how much a case's reports count, floods.

Every EVERY seconds everything is recomputed from the current cases. A round consists of steps of
a few milliseconds each, so that no page waits behind it; its progress is a database row, so that
any sweeper can take the next step and none is lost:

count   the outcomes of SLICE reports are added to the next standing of their sources;
take    the next standing of SLICE sources becomes the current one;
weigh   trust, flood, reporters and priority of cases that wait or got reports within a day, as
        many as have SLICE reports; a case with more is read hour by hour, over several steps.

Ages are measured from the start of the round. A case decided while a round counts may be counted
in part; the next round counts it whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.services.cases import counts, reporter_counts
from hub.services.cases.reliability import HALF_LIFE, SOURCE
from hub.services.cases.reporter_counts import REPORTER
from models import Case, Report, Weighing
from models.states import CONFIRMED, COUNTED, UNDECIDED, CaseState, in_sql

EVERY = 300.0  # seconds between the starts of two rounds
SLICE = 1000  # reports or sources of one step
CASES = 100  # of one step
FLOOD_COPIES = 20  # reports of one wording within one hour,
FLOOD_SHARE = 5  # from at most a fifth as many sources, are a flood
_COUNTED = in_sql(COUNTED)
_WINDOW = "r.received_at >= :since AND r.received_at < :until"
_ALWAYS = {"since": "-infinity", "until": "infinity"}

_OUTCOMES = text(f"""
    INSERT INTO standing AS s (platform_id, source, confirmed, dismissed, next_confirmed,
                               next_dismissed, next_at)
    SELECT platform_id, coalesce(source, ''), 0, 0,
           coalesce(sum(weight) FILTER (WHERE confirmed), 0),
           coalesce(sum(weight) FILTER (WHERE NOT confirmed), 0), :at
    FROM (
        SELECT r.platform_id, {SOURCE} AS source, c.state <> '{CaseState.DISMISSED}' AS confirmed,
               power(0.5, date_part('epoch', :at - r.received_at) / 86400 / :half_life)
                   AS weight
        FROM report r JOIN "case" c ON c.id = r.case_id
        WHERE r.id > :after AND r.id <= :last AND r.state IN {_COUNTED}
          AND c.state IN {in_sql((CaseState.DISMISSED, *CONFIRMED))}
    ) AS outcome
    GROUP BY GROUPING SETS ((platform_id, source), (platform_id))
    HAVING grouping(source) = 1 OR source IS NOT NULL
    ON CONFLICT (platform_id, source) DO UPDATE SET
        next_confirmed = excluded.next_confirmed
            + CASE WHEN s.next_at = :at THEN s.next_confirmed ELSE 0 END,
        next_dismissed = excluded.next_dismissed
            + CASE WHEN s.next_at = :at THEN s.next_dismissed ELSE 0 END,
        next_at = :at
""")
# Sources that no longer have an outcome are removed with the rest of their slice.
_TAKE = text("""
    WITH slice AS (
        SELECT platform_id, source, next_at FROM standing
        WHERE (platform_id, source) > (:platform, :source)
        ORDER BY platform_id, source LIMIT :slice
    ), gone AS (
        DELETE FROM standing s USING slice
        WHERE (s.platform_id, s.source) = (slice.platform_id, slice.source)
          AND slice.next_at IS DISTINCT FROM :at
    ), taken AS (
        UPDATE standing s SET confirmed = s.next_confirmed, dismissed = s.next_dismissed,
                              reckoned_at = :at
        FROM slice
        WHERE (s.platform_id, s.source) = (slice.platform_id, slice.source)
          AND slice.next_at = :at
    )
    SELECT platform_id, source FROM slice ORDER BY platform_id DESC, source DESC LIMIT 1
""")
_DUE = text(f"""
    SELECT id, demand FROM "case" WHERE live AND id > :after AND (
        state IN {in_sql(UNDECIDED)} OR last_report_at > now() - interval '1 day')
    ORDER BY id LIMIT :cases
""")
_WEIGHTS = text(f"""
    SELECT r.case_id, count(*) AS n,
           sum(0.5 + coalesce((s.confirmed + 1) / (s.confirmed + s.dismissed + 2), 0.5)) AS weight,
           count(DISTINCT (r.platform_id, {REPORTER})) AS people
    FROM report r
    LEFT JOIN standing s ON s.platform_id = r.platform_id AND s.source = coalesce({SOURCE}, '')
    WHERE r.case_id = ANY(:cases) AND r.state IN {_COUNTED} AND {_WINDOW}
    GROUP BY r.case_id
""")
_FLOODS = text(f"""
    WITH many AS MATERIALIZED (
        SELECT r.case_id, r.wording_id, date_trunc('hour', r.received_at) AS hour
        FROM report r
        WHERE r.case_id = ANY(:cases) AND r.state IN {_COUNTED} AND {_WINDOW}
        GROUP BY 1, 2, 3 HAVING count(*) >= :copies
    )
    SELECT m.case_id, m.hour, count(*) AS copies,
           count(DISTINCT {REPORTER}) AS sources
    FROM many m JOIN report r ON r.case_id = m.case_id AND r.state IN {_COUNTED}
        AND r.wording_id IS NOT DISTINCT FROM m.wording_id
        AND r.received_at >= m.hour AND r.received_at < m.hour + interval '1 hour'
    GROUP BY m.case_id, m.wording_id, m.hour
    HAVING count(DISTINCT {REPORTER}) * :share <= count(*)
""")


@dataclass
class Sums:
    """What has been read of one case so far; `since` is the first hour of its floods. `people` is
    exact for a case read in one step, others are estimated from `hashes`."""

    n: int = 0
    weight: float = 0.0
    people: int = 0
    hashes: list[int] = field(default_factory=list)
    copies: int = 0
    sources: int = 0
    since: str = ""


def step(session: Session) -> bool:
    """Take the next step of the round; False when none is due or another process takes it."""
    rounds = select(Weighing).with_for_update(skip_locked=True, **CHANGING)
    found = session.scalar(rounds.execution_options(populate_existing=True))
    if found is None:
        session.execute(insert(Weighing).values(id=1).on_conflict_do_nothing())
        return False
    if found.phase == "rest" and not _begin(session, found):
        return False
    {"count": _count, "take": _take, "weigh": _weigh}[found.phase](session, found)
    session.flush()
    return True


def whole(session: Session) -> None:
    """Run a whole round now, from its start."""
    session.execute(insert(Weighing).values(id=1).on_conflict_do_nothing())
    found = session.get_one(Weighing, 1, with_for_update=dict(CHANGING), populate_existing=True)
    _turn(found, "count")
    found.at = session.scalars(select(func.clock_timestamp())).one()
    session.flush()
    while found.phase != "rest":
        step(session)


def _begin(session: Session, found: Weighing) -> bool:
    now = session.scalars(select(func.clock_timestamp())).one()
    if found.at is not None and (now - found.at).total_seconds() < EVERY:
        return False
    found.at = now
    _turn(found, "count")
    return True


def _turn(found: Weighing, phase: str) -> None:
    found.phase, found.after, found.kept = phase, 0, {}


def _count(session: Session, found: Weighing) -> None:
    ids = select(Report.id).where(Report.id > found.after).order_by(Report.id).limit(SLICE)
    last = session.scalar(select(func.max(ids.subquery().c.id)))
    if last is None:
        return _turn(found, "take")
    asked = {"after": found.after, "last": last, "at": found.at, "half_life": HALF_LIFE}
    session.execute(_OUTCOMES, asked)
    found.after = last


def _take(session: Session, found: Weighing) -> None:
    asked = {"platform": 0, "source": "", "slice": SLICE, "at": found.at} | found.kept
    last = session.execute(_TAKE, asked).first()
    if last is None:
        return _turn(found, "weigh")
    found.kept = {"platform": last.platform_id, "source": last.source}


def _weigh(session: Session, found: Weighing) -> None:
    if found.kept:
        return _weigh_on(session, found)
    due = session.execute(_DUE, {"after": found.after, "cases": CASES}).all()
    if not due:
        return _turn(found, "rest")
    if due[0].demand > SLICE:
        found.kept = {"case": due[0].id, "since": "-infinity", "sums": asdict(Sums())}
        return _weigh_on(session, found)
    ids: list[int] = []
    reports = 0
    for case_id, demand in due:
        reports += demand
        if reports > SLICE and ids:
            break
        ids.append(case_id)
    _set(session, _read(session, ids, {each: Sums() for each in ids}, **_ALWAYS))
    found.after = ids[-1]


def _weigh_on(session: Session, found: Weighing) -> None:
    """Read the next hours of a large case; whole ones, as floods are counted by the hour."""
    case_id, since = found.kept["case"], found.kept["since"]
    until = _some_hours_on(session, case_id, since)
    known = {case_id: Sums(**found.kept["sums"])}
    sums = _read(session, [case_id], known, since=since, until=until)
    of = sums[case_id]
    of.hashes = reporter_counts.lowest(session, case_id, of.hashes, since, until)
    of.people = reporter_counts.estimate(of.hashes)
    if until == "infinity":
        _set(session, sums)
        found.after, found.kept = case_id, {}
    else:
        found.kept = {"case": case_id, "since": until, "sums": asdict(sums[case_id])}


def _some_hours_on(session: Session, case_id: int, since: str) -> str:
    """The end of the hour up to which there are SLICE reports or more."""
    after = (
        select(Report.received_at)
        .where(Report.case_id == case_id, Report.received_at >= text(":since"))
        .order_by(Report.received_at)
        .offset(SLICE - 1)
        .limit(1)
    )
    at: datetime | None = session.scalar(after, {"since": since})
    if at is None:
        return "infinity"
    hour = text("date_trunc('hour', CAST(:at AS timestamptz)) + interval '1 hour'")
    end: datetime = session.scalars(select(hour), {"at": at}).one()
    return end.isoformat()


def _read(
    session: Session, ids: list[int], sums: dict[int, Sums], since: str, until: str
) -> dict[int, Sums]:
    """`sums` with the reports that these cases got within a period."""
    asked = {"cases": ids, "since": since, "until": until}
    for row in session.execute(_WEIGHTS, asked):
        sums[row.case_id].n += row.n
        sums[row.case_id].weight += float(row.weight)
        sums[row.case_id].people += row.people
    for row in session.execute(_FLOODS, asked | {"copies": FLOOD_COPIES, "share": FLOOD_SHARE}):
        of, hour = sums[row.case_id], row.hour.isoformat()
        of.copies, of.sources = of.copies + row.copies, of.sources + row.sources
        of.since = min(of.since or hour, hour)
    return sums


def _set(session: Session, sums: dict[int, Sums]) -> None:
    """Store trust, flood and priority where they have changed; only those cases are locked."""
    columns = select(Case.id, Case.demand, Case.trust, Case.flood, Case.reporters)
    changed = [
        row.id
        for row in session.execute(columns.where(Case.id.in_(sums)))
        if (*_weighed(sums[row.id], row.demand), _reporters(sums[row.id]))
        != (row.trust, row.flood, row.reporters)
    ]
    for case in _locked(session, changed):
        case.trust, case.flood = _weighed(sums[case.id], case.demand)
        case.reporters = _reporters(sums[case.id])
        counts.rank(case)
    session.flush()


def _reporters(of: Sums) -> dict[str, Any]:
    return reporter_counts.counted(of.people, of.n, len(of.hashes) >= reporter_counts.LOWEST)


def _weighed(of: Sums, demand: int) -> tuple[float, dict[str, Any] | None]:
    """Trust and flood of a case. A flood counts as many reports as it has sources."""
    own = max(demand - of.copies, 0) + of.sources
    weight = of.weight / of.n if of.n else 1.0
    trust = round(weight * min(1.0, own / demand if demand else 1.0), 4)
    if not of.copies:
        return trust, None
    return trust, {"copies": of.copies, "sources": of.sources, "since": of.since}


def _locked(session: Session, ids: list[int]) -> Iterable[Case]:
    if not ids:
        return ()
    query = select(Case).where(Case.id.in_(ids)).order_by(Case.id)
    locked = query.with_for_update(of=Case, **CHANGING)
    return session.scalars(locked.execution_options(populate_existing=True))
