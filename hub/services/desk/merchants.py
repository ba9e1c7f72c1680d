"""The merchant of a case: its identity, its shops on every platform, its other cases."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from classifiers.entities import check_uscc
from hub.services.desk.queue import about_of
from models import Case, Platform, Shop, Subject

_OTHER_CASES = 20


@dataclass(frozen=True)
class ShopLine:
    """One shop of the merchant."""

    platform: str
    shop_id: str
    name: str | None


@dataclass(frozen=True)
class OtherCase:
    """Another case of the same merchant."""

    id: int
    title: str
    state: str
    about: list[str]
    demand: int


@dataclass(frozen=True)
class Merchant:
    """The subject 当事人 and where it trades."""

    name: str | None
    uscc: str | None
    uscc_ok: bool
    license_no: str | None
    address: str | None
    region: str | None
    shops: list[ShopLine]
    others: list[OtherCase]


def of_case(session: Session, case: Case) -> Merchant | None:
    """The merchant, or None for a case that has none."""
    if case.subject_id is None:
        return None
    subject = session.get_one(Subject, case.subject_id)
    shops = session.execute(
        select(Platform.name, Shop.shop_id, Shop.name)
        .join(Platform, Platform.id == Shop.platform_id)
        .where(Shop.subject_id == subject.id)
        .order_by(Platform.id, Shop.id)
    )
    others = session.scalars(
        select(Case)
        .where(Case.subject_id == subject.id, Case.id != case.id)
        .order_by(Case.id.desc())
        .limit(_OTHER_CASES)
    )
    return Merchant(
        name=subject.name,
        uscc=subject.uscc,
        uscc_ok=bool(subject.uscc and check_uscc(subject.uscc).ok),
        license_no=subject.license_no,
        address=subject.address,
        region=subject.region,
        shops=[ShopLine(*shop) for shop in shops],
        others=[OtherCase(c.id, c.title, c.state, about_of(c), c.demand) for c in others],
    )
