"""Who a report is about: the merchant 商户 behind a shop.

An exact key joins: a credit code whose check digits hold, else platform and shop id. Names
and addresses never join by themselves.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers.entities import check_uscc
from models import Shop, Subject


def resolve(session: Session, platform_id: int, ref: dict[str, Any] | None) -> Subject | None:
    """The subject that `ref` (a report's ``subject``) names, made if new; None if it names none.

    A known shop that now shows a credit code gets it, unless it already has another: then the
    code decides for this report and the shop stays where it was.
    """
    if not ref:
        return None
    uscc = _valid_uscc(ref.get("uscc"))
    shop_id = ref.get("shop_id")
    shop = _shop(session, platform_id, shop_id) if shop_id else None
    if uscc:
        subject = _by_uscc(session, uscc, shop, ref)
    elif shop:
        subject = shop.subject
    elif shop_id:
        subject = _new(session, None, ref)
    else:
        return None
    if shop_id and shop is None:
        _add_shop(session, platform_id, shop_id, ref.get("shop_name"), subject)
    _fill(subject, ref)
    return subject


def _valid_uscc(code: str | None) -> str | None:
    normal = code.strip().upper() if code else ""
    return normal if normal and check_uscc(normal).ok else None


def _shop(session: Session, platform_id: int, shop_id: str) -> Shop | None:
    return session.scalar(
        select(Shop).where(Shop.platform_id == platform_id, Shop.shop_id == shop_id)
    )


def _by_uscc(session: Session, uscc: str, shop: Shop | None, ref: dict[str, Any]) -> Subject:
    subject = session.scalar(select(Subject).where(Subject.uscc == uscc))
    if subject:
        # The shop was known by its id alone: now we know whose it is.
        if shop and shop.subject.uscc is None:
            shop.subject_id = subject.id
        return subject
    if shop and shop.subject.uscc is None:
        shop.subject.uscc = uscc
        session.flush()
        return shop.subject
    return _new(session, uscc, ref)


def _new(session: Session, uscc: str | None, ref: dict[str, Any]) -> Subject:
    name = ref.get("merchant_name") or ref.get("shop_name")
    statement = pg_insert(Subject).values(uscc=uscc, name=name)
    made = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["uscc"]).returning(Subject.id)
    )
    query = select(Subject).where(Subject.id == made if made else Subject.uscc == uscc)
    return session.scalars(query).one()


def _add_shop(
    session: Session, platform_id: int, shop_id: str, name: str | None, subject: Subject
) -> None:
    statement = pg_insert(Shop).values(
        platform_id=platform_id, shop_id=shop_id, name=name, subject_id=subject.id
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["platform_id", "shop_id"]))


def _fill(subject: Subject, ref: dict[str, Any]) -> None:
    """Keep the first value told of each descriptive field."""
    subject.name = subject.name or ref.get("merchant_name") or ref.get("shop_name")
    for name in ("license_no", "address"):
        if not getattr(subject, name) and ref.get(name):
            setattr(subject, name, ref[name])
    if not subject.region and ref.get("region"):
        subject.region = ref["region"][:12]
