"""A merchant: its identities and their sources, shops, conflicts, suggestions, cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from classifiers.entities import check_uscc
from hub.desk.cases import case_type
from hub.desk.cases.case_type import About
from hub.problems import not_found
from hub.services.merchants import lookups, weak_keys
from hub.services.review import second_review
from models import (
    Case,
    Decision,
    Identity,
    Merchant,
    MerchantConflict,
    MerchantLookup,
    MerchantPair,
    Order,
    Platform,
    Shop,
    User,
)
from models.states import ConflictState, DecisionState, PairState

_OTHER_CASES = 20
_IDENTITIES = 300


@dataclass(frozen=True)
class ShopLine:
    """One shop of the merchant."""

    platform: str
    shop_id: str
    name: str | None
    id: int = 0


@dataclass(frozen=True)
class OtherCase:
    """A case of the merchant."""

    id: int
    title: str
    state: str
    about: list[About]
    demand: int


@dataclass(frozen=True)
class LookupAnswer:
    """One platform's answer to a merchant lookup."""

    platform: str
    state: str
    asked_at: datetime
    answered_at: datetime | None
    shops: list[dict[str, Any]]


@dataclass(frozen=True)
class MerchantSummary:
    """The merchant 当事人 and where it trades, as a case shows it."""

    id: int
    name: str | None
    uscc: str | None
    uscc_ok: bool
    license_no: str | None
    address: str | None
    region: str | None
    shops: list[ShopLine]
    others: list[OtherCase]
    answers: list[LookupAnswer] = field(default_factory=list)
    suggestions: int = 0
    conflicts: int = 0


@dataclass(frozen=True)
class JoinSuggestion:
    """Another merchant that may be the same, and why."""

    id: int
    name: str | None
    uscc: str | None
    shops: int
    evidence: list[dict[str, Any]]


@dataclass(frozen=True)
class PairDecision:
    """Whether this merchant and another are the same, as decided by an officer or a rule."""

    state: str
    other_id: int
    other: str | None
    by: str | None
    reason: str | None
    at: datetime
    evidence: list[dict[str, Any]]


@dataclass(frozen=True)
class OrderInForce:
    """An order in force against the merchant at one platform."""

    case_id: int
    platform: str
    public_id: str
    measures: list[str]
    execution: str


@dataclass(frozen=True)
class MerchantPage:
    """One merchant's page."""

    merchant: MerchantSummary
    merged_into_id: int | None
    identities: list[Identity]
    conflicts: list[MerchantConflict]
    platforms: dict[int, str]
    suggestions: list[JoinSuggestion]
    pair_decisions: list[PairDecision]
    orders: list[OrderInForce]


def of_case(session: Session, case: Case, viewer_id: int | None = None) -> MerchantSummary | None:
    """The merchant, or None for a case that has none."""
    if case.merchant_id is None:
        return None
    return _merchant(session, session.get_one(Merchant, case.merchant_id), viewer_id, case.id)


def read(session: Session, merchant_id: int, viewer_id: int | None = None) -> MerchantPage:
    """Everything the page of one merchant shows, except cases the viewer owes a second review.
    Raises Problem 404."""
    merchant = session.get(Merchant, merchant_id)
    if merchant is None:
        raise not_found("没有这个商户。")
    identities = session.scalars(
        select(Identity)
        .where(Identity.merchant_id == merchant.id)
        .options(joinedload(Identity.shop))
        .order_by(Identity.kind, Identity.value, Identity.id)
        .limit(_IDENTITIES)
    )
    conflicts = session.scalars(
        select(MerchantConflict)
        .where(MerchantConflict.merchant_id == merchant.id)
        .order_by(MerchantConflict.state, MerchantConflict.id.desc())
        .limit(50)
    )
    named = dict(session.execute(select(Platform.id, Platform.name)).all())
    return MerchantPage(
        merchant=_merchant(session, merchant, viewer_id),
        merged_into_id=merchant.merged_into_id,
        identities=list(identities),
        conflicts=list(conflicts),
        platforms=named,
        suggestions=_suggestions(session, merchant),
        pair_decisions=_pair_decisions(session, merchant),
        orders=_in_force(session, merchant, viewer_id),
    )


def _merchant(
    session: Session, merchant: Merchant, viewer_id: int | None, without: int = 0
) -> MerchantSummary:
    shops = session.execute(
        select(Platform.name, Shop.shop_id, Shop.name, Shop.id)
        .join(Platform, Platform.id == Shop.platform_id)
        .where(Shop.merchant_id == merchant.id)
        .order_by(Platform.id, Shop.id)
    )
    others = session.scalars(
        select(Case)
        .where(
            Case.merchant_id == merchant.id, Case.id != without, second_review.seen_by(viewer_id)
        )
        .order_by(Case.id.desc())
        .limit(_OTHER_CASES)
    )
    conflicts = select(func.count()).where(
        MerchantConflict.merchant_id == merchant.id, MerchantConflict.state == ConflictState.OPEN
    )
    return MerchantSummary(
        id=merchant.id,
        name=merchant.name,
        uscc=merchant.uscc,
        uscc_ok=bool(merchant.uscc and check_uscc(merchant.uscc).ok),
        license_no=merchant.license_no,
        address=merchant.address,
        region=merchant.region,
        shops=[ShopLine(*shop) for shop in shops],
        others=[OtherCase(c.id, c.title, c.state, case_type.of(c), c.demand) for c in others],
        answers=[_answer(row) for row in lookups.of_merchant(session, merchant.id)],
        suggestions=len(weak_keys.open_pairs(session, merchant.id)),
        conflicts=session.scalar(conflicts) or 0,
    )


def _answer(row: MerchantLookup) -> LookupAnswer:
    shops = (row.answer or {}).get("shops") or []
    return LookupAnswer(row.platform.name, row.state, row.asked_at, row.answered_at, shops)


def _suggestions(session: Session, merchant: Merchant) -> list[JoinSuggestion]:
    found = []
    for pair in weak_keys.open_pairs(session, merchant.id):
        other = session.get_one(Merchant, pair.b_id if pair.a_id == merchant.id else pair.a_id)
        evidence = list({str(e): e for e in pair.evidence}.values())
        found.append(JoinSuggestion(other.id, other.name, other.uscc, len(other.shops), evidence))
    return found


def _pair_decisions(session: Session, merchant: Merchant) -> list[PairDecision]:
    rows = session.execute(
        select(MerchantPair, User.name)
        .outerjoin(User, User.id == MerchantPair.by_user_id)
        .where(
            MerchantPair.state != PairState.suggested,
            or_(MerchantPair.a_id == merchant.id, MerchantPair.b_id == merchant.id),
        )
        .order_by(MerchantPair.at.desc())
        .limit(50)
    )
    found = []
    for pair, by in rows:
        other = session.get_one(Merchant, pair.b_id if pair.a_id == merchant.id else pair.a_id)
        found.append(
            PairDecision(pair.state, other.id, other.name, by, pair.reason, pair.at, pair.evidence)
        )
    return found


def _in_force(session: Session, merchant: Merchant, viewer_id: int | None) -> list[OrderInForce]:
    rows = session.execute(
        select(Case.id, Platform.name, Order.public_id, Decision.measures, Order.execution)
        .join(Decision, Decision.id == Order.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .join(Platform, Platform.id == Order.platform_id)
        .where(
            Case.merchant_id == merchant.id,
            second_review.seen_by(viewer_id),
            Decision.state == DecisionState.APPROVED,
            Order.revokes_id.is_(None),
        )
        .order_by(Order.id.desc())
        .limit(100)
    )
    return [
        OrderInForce(case_id, platform, public_id, [m["code"] for m in measures], execution)
        for case_id, platform, public_id, measures, execution in rows
    ]
