"""The second-review pages: a case without its outcome, and inter-officer agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from hub.desk import words
from hub.desk.cases import evidence, findings, related_debunks
from hub.desk.queue.case_lines import platform_names
from hub.services.cases import reliability
from hub.services.privacy import masking
from hub.services.review import agreement, second_review
from hub.services.review.agreement import Agreement
from hub.services.review.second_review import ReviewShares
from models import Case, GoldenCase, Recusal, Review, ReviewRule, User

_NEWEST = 20_000  # answers considered
_LINES = 50
_first_by, _reviewer, _settler = aliased(User), aliased(User), aliased(User)


@dataclass(frozen=True)
class BlindCase:
    """A case as it was when drawn, without its number, state, owner, decision or history."""

    id: int
    kind: str
    title: str
    demand: int
    evidence: evidence.Evidence
    reading: findings.CaseFindings
    debunks: list[related_debunks.RelatedDebunk]
    answers: dict[str, str]
    blind: bool = True  # templates shared with the case page leave out links to the case


@dataclass(frozen=True)
class ReviewLine:
    """One answered review."""

    id: int
    case_id: int
    case_version: int
    case_state: str
    kind: str
    title: str
    golden: bool
    first: str
    second: str
    agrees: bool
    first_by: str
    reviewer: str
    note: str | None
    answered_at: datetime
    settled_as: str | None
    settled_because: str | None
    settled_by: str | None


@dataclass(frozen=True)
class Matrix:
    """First answers (rows) against second answers (columns) of one kind of case."""

    kind: str
    agreement: Agreement
    rows: list[str]
    counts: list[list[int]]


@dataclass(frozen=True)
class Golden:
    """A golden case, and how often it was answered correctly."""

    case_id: int
    title: str
    answer: str
    why: str
    by: str
    asked: int
    right: int


@dataclass(frozen=True)
class Overview:
    """The supervisor's page."""

    rule: ReviewShares
    rules: list[tuple[ReviewRule, str]]
    waiting: int
    answered: int
    matrices: list[Matrix]
    types: list[tuple[str, Agreement]]
    pairs: list[tuple[str, str, Agreement]]
    golden_results: list[tuple[str, int, int]]  # officer, golden cases answered, correct
    disagreements: list[ReviewLine]
    golden: list[Golden]
    recusals: list[tuple[Recusal, str]]  # newest first, each with the officer's name


def blind(session: Session, review: Review, page: int = 1) -> BlindCase:
    """What the reviewer may see before answering."""
    case = review.case
    platform_reliability = reliability.of_platforms(session, platform_names(session))
    found = evidence.gather(session, case, platform_reliability, page, review.last_report_id)
    known = [
        d
        for d in related_debunks.of_case(session, case)
        if not d.date or d.date <= review.drawn_at.date()
    ]
    return BlindCase(
        id=review.id,
        kind=case.kind,
        title=masking.mask(case.title),
        demand=sum(a.reports for a in found.arrivals),
        evidence=found,
        reading=findings.of(review.assessment),
        debunks=known,
        answers=words.ANSWERS[case.kind],
    )


def line(session: Session, review_id: int) -> ReviewLine:
    """One answered review."""
    return _lines(session, Review.id == review_id)[0]


def own(session: Session, user: User) -> list[ReviewLine]:
    """The officer's latest answers."""
    return _lines(session, Review.reviewer_id == user.id)


def _lines(session: Session, *conditions: ColumnElement[bool]) -> list[ReviewLine]:
    rows = session.execute(
        select(Review, Case, _first_by.name, _reviewer.name, _settler.name)
        .join(Case, Case.id == Review.case_id)
        .join(_first_by, _first_by.id == Review.first_by_id)
        .join(_reviewer, _reviewer.id == Review.reviewer_id)
        .outerjoin(_settler, _settler.id == Review.settled_by_id)
        .where(Review.answered_at.is_not(None), *conditions)
        .order_by(Review.settled_at.is_not(None), Review.answered_at.desc())
        .limit(_LINES)
    )
    return [_line(*row) for row in rows]


def _line(
    review: Review, case: Case, first_by: str, reviewer: str, settler: str | None
) -> ReviewLine:
    answers = words.ANSWERS[case.kind]
    assert review.answer is not None and review.answered_at is not None
    return ReviewLine(
        id=review.id,
        case_id=case.id,
        case_version=case.version,
        case_state=case.state,
        kind=case.kind,
        title=masking.mask(case.title),
        golden=review.golden_id is not None,
        first=answers.get(review.first, review.first),
        second=answers.get(review.answer, review.answer),
        agrees=review.answer == review.first,
        first_by=first_by,
        reviewer=reviewer,
        note=review.note,
        answered_at=review.answered_at,
        settled_as=review.settled_as,
        settled_because=review.settled_because,
        settled_by=settler,
    )


def overview(session: Session) -> Overview:
    """Agreement by kind, type and pair of officers; open disagreements; settings."""
    rows = session.execute(
        select(
            Case.kind, Review.first, Review.answer, _first_by.name.label("first_by"),
            _reviewer.name.label("reviewer"),
        )
        .join(Case, Case.id == Review.case_id)
        .join(_first_by, _first_by.id == Review.first_by_id)
        .join(_reviewer, _reviewer.id == Review.reviewer_id)
        .where(Review.answered_at.is_not(None), Review.golden_id.is_(None))
        .order_by(Review.answered_at.desc())
        .limit(_NEWEST)
    ).all()  # fmt: skip
    open_ = select(func.count()).where(Review.answered_at.is_(None))
    apart = [Review.golden_id.is_(None), Review.answer != Review.first]
    return Overview(
        rule=second_review.rule(session),
        rules=[
            (set_, by)
            for set_, by in session.execute(
                select(ReviewRule, User.name)
                .join(User, User.id == ReviewRule.by_user_id)
                .order_by(ReviewRule.id.desc())
                .limit(10)
            )
        ],
        waiting=session.scalar(open_.select_from(Review)) or 0,
        answered=len(rows),
        matrices=[m for kind in words.KINDS if (m := _matrix(kind, rows)) is not None],
        types=_types(rows),
        pairs=_pairs(rows),
        golden_results=_golden_results(session),
        disagreements=_lines(session, *apart),
        golden=_golden(session),
        recusals=[
            (recusal, by)
            for recusal, by in session.execute(
                select(Recusal, User.name)
                .join(User, User.id == Recusal.user_id)
                .order_by(Recusal.at.desc())
                .limit(10)
            )
        ],
    )


def _matrix(kind: str, rows: Sequence[Any]) -> Matrix | None:
    pairs = [(r.first, r.answer) for r in rows if r.kind == kind]
    if not pairs:
        return None
    answers = words.ANSWERS[kind]
    codes = [code for code in answers if any(code in pair for pair in pairs)]
    counts = [[pairs.count((a, b)) for b in codes] for a in codes]
    return Matrix(kind, agreement.of(pairs), [answers[c] for c in codes], counts)


def _types(rows: Sequence[Any]) -> list[tuple[str, Agreement]]:
    """Each type of violation against all other answers."""
    pairs = [(r.first, r.answer) for r in rows if r.kind == "violation"]
    found = []
    for code, label in words.VIOLATIONS.items():
        binary = [(str(a == code), str(b == code)) for a, b in pairs]
        if any("True" in pair for pair in binary):
            found.append((label, agreement.of(binary)))
    return found


def _pairs(rows: Sequence[Any]) -> list[tuple[str, str, Agreement]]:
    """By who decided and who reviewed, most reviews first."""
    by: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for r in rows:
        by[r.first_by, r.reviewer].append((f"{r.kind}:{r.first}", f"{r.kind}:{r.answer}"))
    ordered = sorted(by.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(*people, agreement.of(answers)) for people, answers in ordered[:_LINES]]


def _golden_results(session: Session) -> list[tuple[str, int, int]]:
    rows = session.execute(
        select(_reviewer.name, func.count(), func.count().filter(Review.answer == Review.first))
        .join(_reviewer, _reviewer.id == Review.reviewer_id)
        .where(Review.golden_id.is_not(None), Review.answered_at.is_not(None))
        .group_by(_reviewer.id)
        .order_by(_reviewer.name)
    )
    return [(name, n, right) for name, n, right in rows]


def _golden(session: Session) -> list[Golden]:
    rows = session.execute(
        select(
            GoldenCase, Case, User.name, func.count(Review.answered_at),
            func.count().filter(Review.answer == Review.first),
        )
        .join(Case, Case.id == GoldenCase.case_id)
        .join(User, User.id == GoldenCase.by_user_id)
        .outerjoin(Review, Review.golden_id == GoldenCase.id)
        .where(GoldenCase.ended_at.is_(None))
        .group_by(GoldenCase.id, Case.id, User.id)
        .order_by(GoldenCase.id.desc())
    )  # fmt: skip
    return [
        Golden(case.id, masking.mask(case.title), words.ANSWERS[case.kind].get(g.answer, g.answer),
               g.why, by, asked, right)
        for g, case, by, asked, right in rows
    ]  # fmt: skip
