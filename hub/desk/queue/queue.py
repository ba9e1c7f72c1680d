"""The queue 待办: one line per case, a handful of queries per page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from hub import beijing
from hub.desk.queue import case_lines, search
from hub.desk.queue.case_lines import CaseLine, platform_names
from hub.services.cases import assignment
from hub.services.office import clocks, workdays
from hub.services.review import second_review
from models import Case, CaseTally, Clock, Merchant, User

PAGE = 50
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
UNKNOWN = "00"
_BY_PRIORITY = ("waiting", "proposed", "ordered")
_TODAY = beijing.sql_day(func.now())
_PARKED = func.coalesce(Case.parked_until > _TODAY, False)


ME, NOBODY = "@me", "@nobody"  # no username begins with an @


@dataclass(frozen=True)
class Filters:
    """The officer's filters; empty means any."""

    tab: str = "waiting"
    kind: str = ""
    platform: str = ""
    # The merchant's, else the one the text names: two digits of GB/T 2260, or UNKNOWN.
    region: str = ""
    about: str = ""  # "v:<violation>" or "t:<theme>"
    owner: str = ""  # ME, NOBODY, or a username
    q: str = ""
    clock: str = ""  # "soon" or "overdue"
    viewer_id: int | None = field(default=None, compare=False)  # who asks

    @property
    def narrowed(self) -> bool:
        return replace(self, tab="waiting") != Filters()


@dataclass(frozen=True)
class Queue:
    """One page of the queue and what surrounds it."""

    filters: Filters
    lines: list[CaseLine]
    counts: dict[str, int] | None  # None: a search found too many to count
    page: int
    more: bool
    platforms: list[tuple[str, str]]
    officers: list[tuple[str, str]]  # (username, name) of everybody who may be assigned a case

    @property
    def total(self) -> int | None:
        return self.counts[self.filters.tab] if self.counts is not None else None

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // PAGE))


def page(session: Session, filters: Filters, number: int = 1) -> Queue:
    """The `number`-th page of the cases that match `filters`."""
    names = platform_names(session)
    query, found = _searched(session, filters)
    counts = _counts(session, filters, found) if found is None or found.counted else None
    if counts is not None:
        number = min(number, max(1, -(-counts[filters.tab] // PAGE)))
    chosen = _selected(filters, found).offset((number - 1) * PAGE).limit(PAGE + 1)
    rows = session.execute(chosen).all()
    shown = case_lines.of(session, rows[:PAGE], names, filters.viewer_id)
    if query:
        whys = search.explain(session, query, {line.id: line.title for line in shown})
        shown = [replace(line, why=whys.get(line.id)) for line in shown]
    return Queue(
        filters=filters,
        lines=shown,
        counts=counts,
        page=number,
        more=len(rows) > PAGE,
        platforms=list(names.items()),
        officers=assignment.colleagues(session),
    )


def every(session: Session, filters: Filters, most: int) -> list[CaseLine]:
    """All cases that match `filters`, at most `most`, for an export."""
    found = _searched(session, filters)[1]
    rows = session.execute(_selected(filters, found).limit(most)).all()
    return case_lines.of(session, rows, platform_names(session), filters.viewer_id)


def unassigned(session: Session, filters: Filters) -> Select[Case, str]:
    """The waiting cases that match `filters` and have no owner, by priority."""
    wanted = replace(filters, tab="waiting", owner="")
    return _selected(wanted, _searched(session, wanted)[1]).where(assignment.free())


def _searched(
    session: Session, filters: Filters
) -> tuple[search.Query | None, search.SearchResult | None]:
    if not filters.q:
        return None, None
    query = search.parse(filters.q)
    return query, search.find(session, query)


def _counts(
    session: Session, filters: Filters, found: search.SearchResult | None
) -> dict[str, int]:
    """Cases by tab: all that match the filters, less the few the viewer must not see yet. Where
    the tally has the sums, it is used."""
    conditions = _conditions(replace(filters, viewer_id=None), found)
    tallied = filters == Filters(filters.tab, filters.kind, filters.platform)
    counts = Counter(_tally(session, filters) if tallied else _tabs(session, *conditions))
    if filters.viewer_id is not None:
        hidden = Case.id.in_(second_review.unanswered_by(filters.viewer_id))
        counts.subtract(_tabs(session, hidden, *conditions))
    return {tab: counts[tab] for tab in TABS}


def _tally(session: Session, filters: Filters) -> dict[str, int]:
    parked = func.coalesce(CaseTally.parked_until > _TODAY, False)
    kinds = [CaseTally.kind == filters.kind] if filters.kind else []
    return _by_tab(
        session,
        select(CaseTally.stage, parked, func.sum(CaseTally.n))
        .where(CaseTally.platform == filters.platform, *kinds)
        .group_by(CaseTally.stage, parked),
    )


def _tabs(session: Session, *conditions: ColumnElement[bool]) -> dict[str, int]:
    return _by_tab(
        session,
        select(Case.stage, _PARKED, func.count()).where(*conditions).group_by(Case.stage, _PARKED),
    )


def _by_tab(session: Session, query: Select) -> dict[str, int]:
    found = dict.fromkeys(TABS, 0)
    for stage, parked, n in session.execute(query):
        found["parked" if parked and stage == "waiting" else stage] += n
        found["all"] += n
    return found


def _selected(filters: Filters, found: search.SearchResult | None) -> Select[Case, str]:
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


def _conditions(filters: Filters, found: search.SearchResult | None) -> list[ColumnElement[bool]]:
    """Everything but the tab."""
    conditions: list[ColumnElement[bool]] = []
    if filters.viewer_id is not None:
        conditions.append(Case.id.not_in(second_review.unanswered_by(filters.viewer_id)))
    if filters.kind:
        conditions.append(Case.kind == filters.kind)
    if filters.platform:
        conditions.append(Case.spread.has_key(filters.platform))  # type: ignore[attr-defined]
    if filters.owner:
        conditions.append(_held_by(filters))
    if filters.about:
        conditions.append(_about(filters.about))
    if filters.clock:
        conditions.append(_due(filters.clock))
    if filters.region:
        conditions.append(_in(filters.region))
    if found is not None:
        conditions.append(found.condition)
    return conditions


def _held_by(filters: Filters) -> ColumnElement[bool]:
    if filters.owner == NOBODY:
        return assignment.free()
    if filters.owner == ME:
        return Case.owner_id == filters.viewer_id
    named = select(User.id).where(User.username == filters.owner)
    return Case.owner_id == named.scalar_subquery()


def _in(region: str) -> ColumnElement[bool]:
    """By the merchant's region; where it is unknown, by the one the text names."""
    known = exists().where(Merchant.id == Case.merchant_id, Merchant.region.is_not(None))
    if region == UNKNOWN:
        return and_(Case.region.is_(None), ~known)
    # A union of two index scans, where an OR would scan every case.
    merchants = select(Case.id).join(Merchant, Merchant.id == Case.merchant_id)
    here = merchants.where(Merchant.region.startswith(region, autoescape=True))
    named = select(Case.id).where(Case.region == region, ~known)
    return Case.id.in_(union_all(here, named))


def _due(nearness: str) -> ColumnElement[bool]:
    """A clock of the case is overdue, or has at most `clocks.SOON` working days left."""
    near = workdays.add(beijing.today(), clocks.SOON)
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
