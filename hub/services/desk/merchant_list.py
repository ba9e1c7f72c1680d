"""The list of merchants: found by name, credit code or shop id."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from classifiers import names
from hub.services.desk import hidden
from models import Case, Identity, Shop, Subject

_LINES = 50  # merchants a page of the list


@dataclass(frozen=True)
class Line:
    """One merchant in the list."""

    id: int
    name: str | None
    uscc: str | None
    shops: int
    platforms: int
    cases: int


def search(session: Session, q: str, page: int = 1) -> tuple[list[Line], bool]:
    """Merchants by name, code or shop id, newest first, and whether there are more."""
    shops = func.count(Shop.id.distinct())
    cases = select(func.count()).where(Case.subject_id == Subject.id).scalar_subquery()
    query = (
        select(
            Subject.id, Subject.name, Subject.uscc, shops,
            func.count(Shop.platform_id.distinct()), cases,
        )
        .outerjoin(Shop, Shop.subject_id == Subject.id)
        .where(Subject.merged_into_id.is_(None))
        .group_by(Subject.id)
        .order_by(Subject.id.desc())
        .offset((page - 1) * _LINES)
        .limit(_LINES + 1)
    )  # fmt: skip
    if q:
        query = query.where(matches(q))
    rows = session.execute(query).all()
    return [Line(*row) for row in rows[:_LINES]], len(rows) > _LINES


def matches(q: str):
    """Code or shop id exactly, or a part of a name as it is compared."""
    by_shop = select(Shop.subject_id).where(or_(Shop.shop_id == q, hidden.has(Shop.name, q)))
    conditions = [
        Subject.uscc == q.strip().upper(),
        hidden.has(Subject.name, q),
        Subject.id.in_(by_shop),
    ]
    if plain := names.plain(q):
        known = select(Identity.subject_id).where(
            Identity.kind.in_(("legal_name", "shop_name")), hidden.has(Identity.value, plain)
        )
        conditions.append(Subject.id.in_(known))
    return or_(*conditions)
