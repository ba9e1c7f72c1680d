"""The queue 待办: one line a case, a handful of queries a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from hub.database import CHANGING
from hub.problems import conflict
from hub.services import clocks, holding, workdays
from hub.services.desk import debunked, search, words
from models import Case, Clock, Platform, Report, Subject, User

PAGE = 50
HOURS = 24  # that a line's sparkline shows
# Tabs of the queue in the order of a case's life.
TABS: dict[str, str] = {
    "waiting": "待办",
    "parked": "已暂缓",
    "proposed": "待审批",
    "ordered": "已下达",
    "executed": "已执行",
    "dismissed": "不予受理",
    "merged": "已并案",
    "revoked": "已撤销",
    "all": "全部",
}
_BY_PRIORITY = ("waiting", "proposed", "ordered")
_TODAY = func.date(func.timezone("Asia/Shanghai", func.now()))
_PARKED = func.coalesce(Case.parked_until > _TODAY, False)


@dataclass(frozen=True)
class Filters:
    """What an officer asked to see; empty means any."""

    tab: str = "waiting"
    kind: str = ""
    platform: str = ""
    region: str = ""  # of the merchant: the first two digits of GB/T 2260
    about: str = ""  # "v:<violation>" or "t:<theme>"
    owner_id: int | None = None
    q: str = ""
    clock: str = ""  # "soon" or "overdue"
    free: bool = False  # nobody has it in hand

    @property
    def narrowed(self) -> bool:
        return replace(self, tab="waiting") != Filters()


@dataclass(frozen=True)
class Line:
    """One case in the queue."""

    id: int
    version: int
    kind: str
    state: str
    title: str
    about: list[str]
    demand: int
    denied: int
    spread: list[tuple[str, int]]
    urgency: float
    reasons: list[str]
    priority: float
    opened_at: datetime
    last_report_at: datetime | None
    owner: str | None
    owner_until: datetime | None
    parked_until: date | None
    merged_into_id: int | None
    debunked: tuple[str, str] | None  # verdict and source of the likest close debunk
    clock: clocks.Reading | None = None  # the statutory clock that ends first
    hours: list[int] = field(default_factory=list)  # reports of each of the last HOURS hours
    why: search.Why | None = None  # where it says what was searched for


@dataclass(frozen=True)
class Queue:
    """One page of the queue and what surrounds it."""

    filters: Filters
    lines: list[Line]
    counts: dict[str, int] | None  # None: a search found too many to count
    page: int
    more: bool
    platforms: list[tuple[str, str]]

    @property
    def total(self) -> int | None:
        return self.counts[self.filters.tab] if self.counts is not None else None

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // PAGE))


def page(session: Session, filters: Filters, number: int = 1) -> Queue:
    """The `number`-th page of the cases that `filters` let through."""
    names = platform_names(session)
    query, found = _searched(session, filters)
    counts = _counts(session, filters, found) if found is None or found.counted else None
    if counts is not None:
        number = min(number, max(1, -(-counts[filters.tab] // PAGE)))
    chosen = _selected(filters, found).offset((number - 1) * PAGE).limit(PAGE + 1)
    rows = session.execute(chosen).all()
    lines = _lines(session, rows[:PAGE], names)
    if query:
        whys = search.explain(session, query, {line.id: line.title for line in lines})
        lines = [replace(line, why=whys.get(line.id)) for line in lines]
    return Queue(
        filters=filters,
        lines=lines,
        counts=counts,
        page=number,
        more=len(rows) > PAGE,
        platforms=list(names.items()),
    )


def every(session: Session, filters: Filters, most: int) -> list[Line]:
    """All lines that `filters` let through, at most `most`, for an export."""
    found = _searched(session, filters)[1]
    rows = session.execute(_selected(filters, found).limit(most)).all()
    return _lines(session, rows, platform_names(session))


def take_next(session: Session, user: User, filters: Filters) -> Case:
    """The most pressing case that nobody has in hand, taken. Two officers never get the same.

    Raises Problem 409 when there is none.
    """
    wanted = replace(filters, tab="waiting", owner_id=None)
    found = _searched(session, wanted)[1]
    row = session.execute(
        _selected(wanted, found)
        .where(holding.free())
        .limit(1)
        .with_for_update(of=Case, skip_locked=True, **CHANGING)
    ).first()
    if row is None:
        raise conflict("没有可领取的案件：要么已办完，要么都有人承办。")
    return holding.take(session, user, row[0].id, row[0].version)


def _searched(
    session: Session, filters: Filters
) -> tuple[search.Query | None, search.Found | None]:
    if not filters.q:
        return None, None
    query = search.parse(filters.q)
    return query, search.find(session, query)


def _lines(session: Session, rows: Sequence[Any], names: dict[str, str]) -> list[Line]:
    ids = [case.id for case, _ in rows]
    known = debunked.verdicts(session, [case for case, _ in rows])
    due = clocks.nearest(session, ids)
    hours = _hours(session, ids)
    return [
        _line(case, owner, names, known.get(case.claim_id or 0), due.get(case.id), hours[case.id])
        for case, owner in rows
    ]


def _hours(session: Session, case_ids: Sequence[int]) -> dict[int, list[int]]:
    """Reports of each case in each of the last HOURS hours, the present one last."""
    ago = func.floor(func.extract("epoch", func.now() - Report.received_at) / 3600)
    rows = session.execute(
        select(Report.case_id, ago, func.count())
        .where(
            Report.case_id.in_(case_ids),
            Report.received_at > func.now() - text(f"interval '{HOURS} hours'"),
        )
        .group_by(Report.case_id, ago)
    )
    found: dict[int, list[int]] = defaultdict(lambda: [0] * HOURS)
    for case_id, hour, n in rows:
        found[case_id][HOURS - 1 - min(max(int(hour), 0), HOURS - 1)] += n
    return found


def platform_names(session: Session) -> dict[str, str]:
    """Slug to Chinese name, in the order they joined."""
    rows = session.execute(select(Platform.slug, Platform.name).order_by(Platform.id))
    return {slug: name for slug, name in rows}


def spread_of(case: Case, names: dict[str, str]) -> list[tuple[str, int]]:
    """(platform's name, reports), most first."""
    ordered = sorted(case.spread.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(names.get(slug, slug), n) for slug, n in ordered]


def about_of(case: Case) -> list[str]:
    """What a case is about in Chinese: its type of violation, or theme and violations found."""
    found = [f["label"] for f in case.assessment.get("violations") or []]
    if case.kind == "violation":
        own = words.violation(case.violation)
        return [own, *(label for label in found if label != own)]
    said = case.assessment.get("theme") or {}
    theme = (
        said.get("label") if said.get("code") == case.theme else words.TOPICS.get(case.theme or "")
    )
    return [theme, *found] if theme else found or ["主题未定"]


def _counts(session: Session, filters: Filters, found: search.Found | None) -> dict[str, int]:
    query = (
        select(Case.stage, _PARKED, func.count())
        .where(*_conditions(filters, found))
        .group_by(Case.stage, _PARKED)
    )
    counts = dict.fromkeys(TABS, 0)
    for stage, parked, n in session.execute(query):
        counts["parked" if parked and stage == "waiting" else stage] += n
        counts["all"] += n
    return counts


def _selected(filters: Filters, found: search.Found | None) -> Select[Case, str]:
    query = (
        select(Case, User.name)
        .outerjoin(User, User.id == Case.owner_id)
        .where(*_conditions(filters, found))
    )
    tab = filters.tab
    if tab in ("waiting", "parked"):
        query = query.where(Case.stage == "waiting", _PARKED if tab == "parked" else ~_PARKED)
    elif tab != "all":
        query = query.where(Case.stage == tab)
    if tab == "parked":
        return query.order_by(Case.parked_until, Case.id)
    if tab in _BY_PRIORITY:
        return query.order_by(Case.priority.desc(), Case.id)
    return query.order_by(Case.id.desc())


def _conditions(filters: Filters, found: search.Found | None) -> list[ColumnElement[bool]]:
    """Everything but the tab."""
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(Case.kind == filters.kind)
    if filters.platform:
        conditions.append(Case.spread.has_key(filters.platform))  # type: ignore[attr-defined]
    if filters.owner_id is not None:
        conditions.append(Case.owner_id == filters.owner_id)
    if filters.about:
        conditions.append(_about(filters.about))
    if filters.clock:
        conditions.append(_due(filters.clock))
    if filters.region:
        here = select(Subject.id).where(Subject.region.startswith(filters.region, autoescape=True))
        conditions.append(Case.subject_id.in_(here))
    if filters.free:
        conditions.append(holding.free())
    if found is not None:
        conditions.append(found.condition)
    return conditions


def _due(nearness: str) -> ColumnElement[bool]:
    """A clock of the case is past, or has at most `clocks.SOON` working days left."""
    near = workdays.add(datetime.now(workdays.BEIJING).date(), clocks.SOON)
    past = Clock.due_on < _TODAY
    return exists().where(
        Clock.case_id == Case.id,
        Clock.ended_at.is_(None),
        Clock.stopped_on.is_(None),
        past if nearness == "overdue" else and_(~past, Clock.due_on <= near),
    )


def _about(about: str) -> ColumnElement[bool]:
    axis, _, code = about.partition(":")
    if axis == "t":
        return Case.theme == code
    found = Case.assessment.contains({"violations": [{"type": code}]})
    return or_(Case.violation == code, found)


def _line(
    case: Case,
    owner: str | None,
    names: dict[str, str],
    known: tuple[str, str] | None,
    clock: clocks.Reading | None,
    hours: list[int],
) -> Line:
    return Line(
        id=case.id,
        version=case.version,
        kind=case.kind,
        state=case.state,
        title=case.title,
        about=about_of(case),
        demand=case.demand,
        denied=sum(case.denied.values()),
        spread=spread_of(case, names),
        urgency=case.urgency,
        reasons=((case.assessment.get("urgency") or {}).get("reasons") or [])
        if case.urgency
        else [],
        priority=case.priority,
        opened_at=case.opened_at,
        last_report_at=case.last_report_at,
        owner=owner,
        owner_until=case.owner_until,
        parked_until=case.parked_until,
        merged_into_id=case.merged_into_id,
        debunked=known if case.kind == "rumor" else None,
        clock=clock,
        hours=hours,
    )
