"""Statistics for managers: what came in, what was done, by whom, how fast. Reports are read from
closed days; officers' work is counted from cases, decisions and clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import beijing
from hub.desk import words
from hub.desk.cases.spread import province
from hub.services.enforcement import escalation
from hub.services.office import clocks
from hub.services.office.clock_rules import rules
from hub.services.people import wellbeing
from models import AuditEntry, Case, Clock, DayCount, Decision, Platform, User
from models.states import IN_HAND, ONCE_APPROVED

PERIODS = (7, 30, 90)
_MOST = 12  # rows of a table by type or region


@dataclass(frozen=True)
class Load:
    """One officer: cases assigned now, and actions in the period."""

    name: str
    role: str
    assigned: int
    done: dict[str, int]
    opened: wellbeing.Opened  # disturbing material viewed, today and this week


@dataclass(frozen=True)
class ClockLine:
    """One statutory clock: ended in the period in time or late, and running overdue."""

    label: str
    in_time: int
    late: int
    overdue: int

    @property
    def share(self) -> float | None:
        total = self.in_time + self.late + self.overdue
        return self.in_time / total if total else None


@dataclass(frozen=True)
class Stats:
    """The page. Daily lists run along `days`; tables are (name, count),
    those of types with the count of the period before, largest first."""

    since: date
    until: date
    days: list[date]
    reports: dict[str, list[int]]
    cases: dict[str, list[int]]
    types: list[tuple[str, int, int]]
    regions: list[tuple[str, int]]
    platforms: list[tuple[str, int]]
    response: list[dict[str, Any]]
    load: list[Load]
    clocks: list[ClockLine]
    hours_to_decision: float | None

    @property
    def total(self) -> int:
        return sum(map(sum, self.reports.values()))


def read(session: Session, length: int) -> Stats:
    """The last `length` days up to yesterday; types compared with the same period before."""
    until = clocks.today(session) - timedelta(days=1)
    since = until - timedelta(days=length - 1)
    days = [since + timedelta(days=i) for i in range(length)]
    begin = beijing.midnight(since)
    end = begin + timedelta(days=length)
    return Stats(
        since, until, days,
        _by_kind(session, days),
        _cases(session, days, begin, end),
        _types(session, since, until, length),
        _grouped(session, DayCount.province, since, until, province, most=None),
        _platforms(session, since, until),
        escalation.response(session),
        _load(session, begin, end),
        _clocks(session, begin, end),
        _hours(session, begin, end),
    )  # fmt: skip


def _within(since: date, until: date) -> Any:
    return DayCount.day.between(since, until) & (DayCount.n > 0)


def _by_kind(session: Session, days: list[date]) -> dict[str, list[int]]:
    rows = session.execute(
        select(DayCount.kind, DayCount.day, func.sum(DayCount.n))
        .where(_within(days[0], days[-1]))
        .group_by(DayCount.kind, DayCount.day)
    )
    found = {kind: [0] * len(days) for kind in words.KINDS}
    for kind, day, n in rows:
        found[kind][(day - days[0]).days] = n
    return {words.KINDS[kind]: counts for kind, counts in found.items()}


def _cases(
    session: Session, days: list[date], begin: datetime, end: datetime
) -> dict[str, list[int]]:
    decided = Decision.state.in_(ONCE_APPROVED)
    return {
        "新案件": _per_day(session, days, Case.opened_at, begin, end),
        "作出决定": _per_day(session, days, Decision.approved_at, begin, end, decided),
    }


def _per_day(
    session: Session, days: list[date], at: Any, begin: datetime, end: datetime, *where: Any
) -> list[int]:
    day = beijing.sql_day(at)
    rows = session.execute(
        select(day, func.count()).where(at >= begin, at < end, *where).group_by(day)
    )
    found = {on: n for on, n in rows}
    return [found.get(on, 0) for on in days]


def _types(session: Session, since: date, until: date, length: int) -> list[tuple[str, int, int]]:
    """(type, count in the period, count in the period before)."""
    step = timedelta(days=length)
    before = dict(_grouped(session, DayCount.type, since - step, until - step, _type, most=1000))
    now = _grouped(session, DayCount.type, since, until, _type)
    return [(name, n, before.get(name, 0)) for name, n in now]


def _type(code: str) -> str:
    return words.VIOLATIONS.get(code) or words.TOPICS.get(code) or words.UNSPECIFIED


def _platforms(session: Session, since: date, until: date) -> list[tuple[str, int]]:
    names = dict(session.execute(select(Platform.id, Platform.name)).all())
    return _grouped(session, DayCount.platform_id, since, until, lambda p: names.get(p, "—"))


def _grouped(
    session: Session, by: Any, since: date, until: date, name: Any, most: int | None = _MOST
) -> list[tuple[str, int]]:
    rows = session.execute(
        select(by, func.sum(DayCount.n)).where(_within(since, until)).group_by(by)
    )
    found: dict[str, int] = {}
    for key, n in rows:
        found[name(key)] = found.get(name(key), 0) + n
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))[:most]


def _load(session: Session, begin: datetime, end: datetime) -> list[Load]:
    assigned = dict(
        session.execute(
            select(Case.owner_id, func.count())
            .where(Case.owner_id.is_not(None), Case.live, Case.state.in_(IN_HAND))
            .group_by(Case.owner_id)
        ).all()
    )
    done: dict[str, dict[str, int]] = {}
    for actor, action, n in session.execute(
        select(AuditEntry.actor, AuditEntry.action, func.count())
        .where(AuditEntry.at >= begin, AuditEntry.at < end, AuditEntry.action.in_(ACTIONS))
        .group_by(AuditEntry.actor, AuditEntry.action)
    ):
        done.setdefault(actor, {})[action] = n
    officers = session.scalars(
        select(User).where(User.role.in_(("clerk", "handler", "approver"))).order_by(User.id)
    )
    opened = wellbeing.load(session)
    return [
        Load(
            u.name,
            words.ROLES[u.role],
            assigned.get(u.id, 0),
            done.get(u.username, {}),
            opened.get(u.username, wellbeing.Opened()),
        )
        for u in officers
        if u.active or u.username in done
    ]


ACTIONS = {
    "take": "领取",
    "dismiss": "不予受理",
    "merge": "并案",
    "propose": "提出建议",
    "approve": "批准",
}


def _clocks(session: Session, begin: datetime, end: datetime) -> list[ClockLine]:
    ended_on = beijing.sql_day(Clock.ended_at)
    within = (Clock.ended_at >= begin) & (Clock.ended_at < end)
    running = Clock.ended_at.is_(None) & Clock.stopped_on.is_(None)
    overdue = running & (Clock.due_on < clocks.today(session))
    rows = session.execute(
        select(
            Clock.rule,
            func.count().filter(within & (ended_on <= Clock.due_on)),
            func.count().filter(within & (ended_on > Clock.due_on)),
            func.count().filter(overdue),
        )
        .where(within | overdue)
        .group_by(Clock.rule)
    )
    labels = {rule.code: rule.label for rule in rules()}
    return [ClockLine(labels.get(code, code), *n) for code, *n in rows if any(n)]


def _hours(session: Session, begin: datetime, end: datetime) -> float | None:
    """The median time from a case's first report to its first decision, in hours."""
    seconds = func.extract("epoch", Decision.approved_at - Case.opened_at)
    found = session.scalar(
        select(func.percentile_cont(0.5).within_group(seconds))
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.version == 1, Decision.approved_at >= begin, Decision.approved_at < end)
    )
    return None if found is None else round(float(found) / 3600, 1)
