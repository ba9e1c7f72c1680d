"""The queue 待办: one line a case, a handful of queries a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.services import clocks, workdays
from hub.services.cases import BEFORE_DECISION
from hub.services.desk import debunked, words
from models import Case, Clock, Platform, Report, User

PAGE = 50
# Tabs of the queue in the order of a case's life; None shows all.
TABS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "waiting": ("待办", BEFORE_DECISION),
    "proposed": ("待审批", ("PROPOSED", "UNDER_REVIEW")),
    "ordered": ("已下达", ("ORDERED", "PARTLY_EXECUTED", "STAYED")),
    "executed": ("已执行", ("EXECUTED",)),
    "dismissed": ("不予受理", ("DISMISSED",)),
    "merged": ("已并案", ("MERGED",)),
    "revoked": ("已撤销", ("REVOKED",)),
    "all": ("全部", None),
}
_BY_PRIORITY = ("waiting", "proposed", "ordered")


@dataclass(frozen=True)
class Filters:
    """What an officer asked to see; empty means any."""

    tab: str = "waiting"
    kind: str = ""
    platform: str = ""
    about: str = ""  # "v:<violation>" or "t:<theme>"
    owner_id: int | None = None
    q: str = ""
    clock: str = ""  # "soon" or "overdue"

    @property
    def narrowed(self) -> bool:
        return replace(self, tab="waiting") != Filters()


@dataclass(frozen=True)
class Line:
    """One case in the queue."""

    id: int
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
    merged_into_id: int | None
    debunked: tuple[str, str] | None  # verdict and source of the likest close debunk
    clock: clocks.Reading | None = None  # the statutory clock that ends first


@dataclass(frozen=True)
class Queue:
    """One page of the queue and what surrounds it."""

    filters: Filters
    lines: list[Line]
    counts: dict[str, int]
    page: int
    pages: int
    platforms: list[tuple[str, str]]
    violations: list[tuple[str, str]] = field(default_factory=list)
    themes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts[self.filters.tab]


def page(session: Session, filters: Filters, number: int = 1) -> Queue:
    """The `number`-th page of the cases that `filters` let through."""
    names = platform_names(session)
    by_state = _counts(session, filters)
    counts = {tab: _sum(by_state, states) for tab, (_, states) in TABS.items()}
    pages = max(1, -(-counts[filters.tab] // PAGE))
    number = min(number, pages)
    rows = session.execute(_selected(filters).offset((number - 1) * PAGE).limit(PAGE)).all()
    lines = _lines(session, rows, names)
    return Queue(
        filters=filters,
        lines=lines,
        counts=counts,
        page=number,
        pages=pages,
        platforms=list(names.items()),
        violations=_violations(session),
        themes=_themes(session),
    )


def every(session: Session, filters: Filters, most: int) -> list[Line]:
    """All lines that `filters` let through, at most `most`, for an export."""
    rows = session.execute(_selected(filters).limit(most)).all()
    return _lines(session, rows, platform_names(session))


def _lines(session: Session, rows: Sequence[Any], names: dict[str, str]) -> list[Line]:
    known = debunked.verdicts(session, [case for case, _ in rows])
    due = clocks.nearest(session, [case.id for case, _ in rows])
    return [
        _line(case, owner, names, known.get(case.claim_id or 0), due.get(case.id))
        for case, owner in rows
    ]


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


def _counts(session: Session, filters: Filters) -> dict[str, int]:
    query = select(Case.state, func.count()).where(*_conditions(filters)).group_by(Case.state)
    return {state: n for state, n in session.execute(query)}


def _sum(by_state: dict[str, int], states: tuple[str, ...] | None) -> int:
    return sum(n for state, n in by_state.items() if states is None or state in states)


def _selected(filters: Filters) -> Select[Case, str]:
    query = (
        select(Case, User.name)
        .outerjoin(User, User.id == Case.owner_id)
        .where(*_conditions(filters))
    )
    states = TABS[filters.tab][1]
    if states is not None:
        query = query.where(Case.state.in_(states))
    if filters.tab in _BY_PRIORITY:
        return query.order_by(Case.priority.desc(), Case.id)
    return query.order_by(Case.id.desc())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
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
    if filters.q:
        conditions.append(_says(filters.q))
    return conditions


def _due(nearness: str) -> ColumnElement[bool]:
    """A clock of the case is past, or has at most `clocks.SOON` working days left."""
    today = func.date(func.timezone("Asia/Shanghai", func.now()))
    near = workdays.add(datetime.now(workdays.BEIJING).date(), clocks.SOON)
    past = Clock.due_on < today
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


def _says(q: str) -> ColumnElement[bool]:
    """Title or a report's text has the words; C12 or 12 finds the case of that number."""
    said = exists().where(Report.case_id == Case.id, Report.text.icontains(q, autoescape=True))
    conditions = [Case.title.icontains(q, autoescape=True), said]
    number = q.lstrip("Cc")
    if number.isascii() and number.isdigit() and len(number) < 18:
        conditions.append(Case.id == int(number))
    return or_(*conditions)


def _violations(session: Session) -> list[tuple[str, str]]:
    """Types of violation that occur: as a case's own, or found in its words."""
    own = select(Case.violation).where(Case.violation.is_not(None)).distinct()
    return [(code, words.violation(code)) for code in sorted(c for c in session.scalars(own) if c)]


def _themes(session: Session) -> list[tuple[str, str]]:
    theme = Case.assessment["theme"]
    label = func.min(theme["label"].astext).filter(theme["code"].astext == Case.theme)
    query = select(Case.theme, label).where(Case.theme.is_not(None)).group_by(Case.theme)
    return [
        (code, label or words.TOPICS.get(code, code))
        for code, label in session.execute(query.order_by(Case.theme))
    ]


def _line(
    case: Case,
    owner: str | None,
    names: dict[str, str],
    known: tuple[str, str] | None,
    clock: clocks.Reading | None,
) -> Line:
    return Line(
        id=case.id,
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
        merged_into_id=case.merged_into_id,
        debunked=known if case.kind == "rumor" else None,
        clock=clock,
    )
