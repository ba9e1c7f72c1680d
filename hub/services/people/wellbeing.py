"""Care for officers 关怀: disturbing content is covered until requested, and views of it counted.

Opening marked content or a picture of a report adds a row to the viewings, which are counted. A
hint appears after a number that each officer sets; nothing is blocked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub import beijing
from hub.problems import invalid, not_found
from hub.services.audit import audit_log
from models import CareMark, CareWish, Case, Report, User, Viewing

SHOWN, PICTURE = "care.shown", "care.picture"  # pages of viewings that count
_DAY = func.date_trunc("day", beijing.sql_local(func.now()))
_WEEK = func.date_trunc("week", beijing.sql_local(func.now()))
_AT = beijing.sql_local(Viewing.at)


@dataclass(frozen=True)
class Opened:
    """Distinct cases and pictures opened today and since Monday, by days in China."""

    today: int = 0
    week: int = 0


@dataclass(frozen=True)
class Care:
    """What a page needs: what is marked, the officer's preferences, and how much was opened."""

    whole: bool  # the case is marked
    reports: frozenset[int]  # reports that are marked
    wish: CareWish
    opened: Opened

    @property
    def marked(self) -> bool:
        return self.whole or bool(self.reports)

    @property
    def hint_due(self) -> bool:
        """Whether to show the hint."""
        return self.opened.today >= self.wish.hint_after


def of(session: Session, user: User | Any, case_id: int) -> Care:
    """The care settings for the page of a case."""
    rows = session.scalars(
        select(CareMark.report_id).where(CareMark.case_id == case_id, CareMark.ended_at.is_(None))
    ).all()
    return Care(
        None in rows,
        frozenset(id_ for id_ in rows if id_ is not None),
        wish(session, user.id),
        opened(session, user.username),
    )


def covered(
    session: Session, user_id: int | None, case_ids: Sequence[int] | None = None
) -> set[int]:
    """Those of the cases (None: of all) that are marked, for an officer who wants such content
    covered."""
    shows = exists().where(CareWish.user_id == user_id, CareWish.marked == "show")
    query = select(CareMark.case_id).where(
        CareMark.report_id.is_(None), CareMark.ended_at.is_(None), ~shows
    )
    if case_ids is not None:
        query = query.where(CareMark.case_id.in_(case_ids))
    return set(session.scalars(query))


def wish(session: Session, user_id: int) -> CareWish:
    """The officer's preferences for disturbing content."""
    found = session.get(CareWish, user_id)
    return found or CareWish(user_id=user_id, pictures="blur", marked="veil", hint_after=20)


def set_wish(session: Session, user_id: int, pictures: str, marked: str, hint_after: int) -> None:
    """Store an officer's preferences. Raises Problem 422."""
    if pictures not in ("blur", "show") or marked not in ("veil", "show"):
        raise invalid("pictures", "请选择一种显示方式。")
    if not 1 <= hint_after <= 1000:
        raise invalid("hint_after", "提醒的件数须为 1 至 1000。")
    given = {"pictures": pictures, "marked": marked, "hint_after": hint_after}
    session.execute(
        insert(CareWish)
        .values(user_id=user_id, **given)
        .on_conflict_do_update(index_elements=["user_id"], set_=given)
    )


def opened(session: Session, username: str) -> Opened:
    """How much one officer opened."""
    return load(session, username).get(username, Opened())


def load(session: Session, username: str | None = None) -> dict[str, Opened]:
    """What each officer opened, by username; how much, never what."""
    what = func.concat(Viewing.page, Viewing.what)
    query = (
        select(
            Viewing.username,
            func.count(what.distinct()).filter(_AT >= _DAY),
            func.count(what.distinct()),
        )
        .where(
            Viewing.page.in_((SHOWN, PICTURE)),
            Viewing.at > func.now() - text("interval '7 days'"),
            _AT >= _WEEK,
        )
        .group_by(Viewing.username)
    )
    if username is not None:
        query = query.where(Viewing.username == username)
    return {name: Opened(today, week) for name, today, week in session.execute(query)}


def mark(session: Session, user: User, case_id: int, report_id: int | None, on: bool) -> None:
    """Mark a case, or one report of it, as disturbing, or take that back. Raises Problem 404."""
    if session.get(Case, case_id) is None:
        raise not_found("没有这个案件。")
    if report_id is not None and not _is_of(session, report_id, case_id):
        raise not_found("本案没有这件举报。")
    found = session.scalar(
        select(CareMark).where(
            CareMark.case_id == case_id,
            CareMark.report_id.is_not_distinct_from(report_id),
            CareMark.ended_at.is_(None),
        )
    )
    if (found is not None) == on:
        return  # already so
    if found is not None:
        found.ended_at = session.scalar(select(func.now()))
    else:
        session.execute(
            insert(CareMark)
            .values(case_id=case_id, report_id=report_id, by_user_id=user.id)
            .on_conflict_do_nothing()
        )
    session.flush()
    what = {"report": report_id} if report_id is not None else {}
    audit_log.note(
        session, user.username, "care_marked" if on else "care_unmarked", case_id, **what
    )


def _is_of(session: Session, report_id: int, case_id: int) -> bool:
    query = select(Report.id).where(
        Report.id == report_id,
        or_(Report.case_id == case_id, Report.merged_from_id == case_id),
    )
    return session.scalar(query) is not None


def picture_url(session: Session, report_id: int, number: int) -> str:
    """The address of a report's picture, `number` from 1. Raises Problem 404."""
    payload = session.scalar(select(Report.payload).where(Report.id == report_id))
    named = ((payload or {}).get("content") or {}).get("images") or []
    if not 1 <= number <= len(named):
        raise not_found("这件举报没有这张图片。")
    return str(named[number - 1])
