"""The list of merchants, searched by any part of a name, a code or a shop id; parts of two
characters and more through the indexes of the desk's search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from classifiers import names
from hub.database import among, inline
from hub.desk.queue import search as search_
from models import Case, Identity, Merchant, Shop

_LINES = 50  # merchants a page of the list
_FEW = 1000  # matches by kind of name; beyond that the list is scanned in order
_NAME = search_.text_of(Identity.value)
_A_NAME = Identity.kind.in_([inline("legal_name"), inline("shop_name")])


@dataclass(frozen=True)
class MerchantLine:
    """One merchant in the list."""

    id: int
    name: str | None
    uscc: str | None
    shops: int
    platforms: int
    cases: int


def search(session: Session, q: str, page: int = 1) -> tuple[list[MerchantLine], bool]:
    """Merchants by name, code or shop, newest first, and whether there are more."""
    shops = func.count(Shop.id.distinct())
    cases = select(func.count()).where(Case.merchant_id == Merchant.id).scalar_subquery()
    query = (
        select(
            Merchant.id, Merchant.name, Merchant.uscc, shops,
            func.count(Shop.platform_id.distinct()), cases,
        )
        .outerjoin(Shop, Shop.merchant_id == Merchant.id)
        .where(Merchant.merged_into_id.is_(None))
        .group_by(Merchant.id)
        .order_by(Merchant.id.desc())
        .offset((page - 1) * _LINES)
        .limit(_LINES + 1)
    )  # fmt: skip
    if q:
        found = _few(session, q)
        query = query.where(matches(q) if found is None else Merchant.id == among(found))
    rows = session.execute(query).all()
    return [MerchantLine(*row) for row in rows[:_LINES]], len(rows) > _LINES


def matches(q: str) -> ColumnElement[bool]:
    """Every word occurs in the merchant's own name, in one of its shops' or in another of its
    names; evaluated merchant by merchant."""
    words = _words(q)
    return or_(
        search_.contains(search_.MERCHANT, words),
        _has(Shop.merchant_id, search_.contains(search_.SHOP, words)),
        _has(Identity.merchant_id, _A_NAME, search_.contains(_NAME, _plain(words))),
    )


def _has(of: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A row that belongs to the merchant, whatever the list itself is joined to."""
    return select(true()).where(of == Merchant.id, *conditions).correlate(Merchant).exists()


def _few(session: Session, q: str) -> set[int] | None:
    """The merchants that `matches`, by the indexes; None where there are so many that scanning the
    list in its own order fills a page sooner."""
    words = _words(q)
    by_index = (
        select(Merchant.id).where(search_.indexed(search_.MERCHANT, words)),
        select(Shop.merchant_id).where(search_.indexed(search_.SHOP, words)),
        select(Identity.merchant_id).where(_A_NAME, search_.indexed(_NAME, _plain(words))),
    )
    found = [session.scalars(each.limit(_FEW + 1)).all() for each in by_index]
    return None if any(len(ids) > _FEW for ids in found) else {i for ids in found for i in ids}


def _words(q: str) -> tuple[str, ...]:
    return search_.parse(q).words or (q.lower(),)


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words in the form identities store names; punctuation alone stays, and finds nothing."""
    return tuple(names.plain(word) or word for word in words)
