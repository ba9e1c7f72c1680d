"""Everything the page of one case shows, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.desk.case_page import case_content, case_ranking, case_ruling
from hub.desk.cases import case_type, findings
from hub.desk.cases import spread as over
from hub.desk.cases.case_type import About
from hub.desk.cases.timeline import Event, events
from hub.problems import not_found
from hub.services.cases import reliability
from hub.services.privacy import masking
from hub.services.warnings import early_warnings
from models import Case, Platform, User
from models.states import BEFORE_DECISION


@dataclass(frozen=True)
class CaseHolding:
    """The case's owner, and whether it is parked."""

    owner_id: int | None
    owner: str | None
    owner_until: datetime | None
    parked_until: date | None
    parked_because: str | None

    @property
    def free(self) -> bool:
        """Nobody is assigned, or the assignment has expired."""
        lapsed = self.owner_until is not None and self.owner_until < datetime.now(UTC)
        return self.owner_id is None or lapsed


@dataclass(frozen=True)
class CaseCourse:
    """The course of the case over time."""

    opened_at: datetime
    last_report_at: datetime | None
    timeline: list[Event]
    over_time: over.Spread | None
    warnings: list[early_warnings.WarningLine]


@dataclass(frozen=True)
class CaseFile:
    """One case as the page shows it: what it is, then each part of the page."""

    id: int
    kind: str
    state: str
    version: int
    title: str
    about: list[About]
    theme: str | None
    violation: str | None
    laws: list[str]  # the articles that the charges rest on
    demand: int
    denied: int
    closed_because: str | None
    merged_into_id: int | None
    names: dict[str, str]  # of all platforms, by slug
    holding: CaseHolding
    ranking: case_ranking.CaseRanking
    content: case_content.CaseContent
    ruling: case_ruling.CaseRuling
    course: CaseCourse

    @property
    def before_decision(self) -> bool:
        """Whether nothing is decided or proposed."""
        return self.state in BEFORE_DECISION

    @property
    def kinds(self) -> list[str]:
        """The kinds of measures a decision may order here."""
        return ["rumor", "violation"] if self.content.related else [self.kind]


def read(session: Session, case_id: int, page: int = 1, viewer_id: int | None = None) -> CaseFile:
    """The case as it is now; `page` is that of its wordings. Related cases of which the viewer owes
    a second review are left out. Raises Problem 404."""
    row = session.execute(
        select(Case, User.name).outerjoin(User, User.id == Case.owner_id).where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        raise not_found("没有这个案件。")
    case, owner = row
    platforms = session.execute(
        select(Platform.slug, Platform.name, Platform.kind, Platform.active).order_by(Platform.id)
    ).all()
    names = {each.slug: each.name for each in platforms}
    trusted = reliability.of_platforms(session, names)
    content = case_content.read(session, case, trusted, page, viewer_id)
    return CaseFile(
        id=case.id,
        kind=case.kind,
        state=case.state,
        version=case.version,
        title=masking.mask(case.title),
        about=case_type.of(case),
        theme=case.theme,
        violation=case.violation,
        laws=findings.laws(case),
        demand=case.demand,
        denied=sum(case.denied.values()),
        closed_because=case.closed_because,
        merged_into_id=case.merged_into_id,
        names=names,
        holding=CaseHolding(
            case.owner_id, owner, case.owner_until, case.parked_until, case.parked_because
        ),
        ranking=case_ranking.of(case, names, trusted),
        content=content,
        ruling=case_ruling.read(session, case, content, platforms),
        course=_course(session, case, names, content),
    )


def _course(
    session: Session, case: Case, names: dict[str, str], content: case_content.CaseContent
) -> CaseCourse:
    return CaseCourse(
        opened_at=case.opened_at,
        last_report_at=case.last_report_at,
        timeline=events(session, case, names, content.evidence.arrivals),
        over_time=over.of_case(session, case),
        warnings=early_warnings.of_case(session, case.id),
    )
