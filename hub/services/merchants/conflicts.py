"""Conflicting statements of platforms about a merchant: both are kept, a person decides.

The platform that was wrong is notified by `subject.corrected`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers import names
from hub.locks import CHANGING, Lock, under
from hub.problems import conflict, invalid, not_found, required
from hub.services.merchants import case_moves, merging
from hub.services.merchants.blocking import Kept, Known, Side
from hub.services.platforms import outbox
from hub.services.privacy.identities import Fact
from models import Identity, Merchant, MerchantConflict, Shop, User
from models.states import ConflictState


def over_names(
    session: Session, kept: Kept, side: Side | None, platform_id: int, report_id: int | None
) -> None:
    """Another legal name under one credit code, from another platform than before. `side` is
    what was known of the merchant before the report."""
    name = next((f for f in kept.fresh if f.kind == "legal_name"), None)
    if name is None or side is None or side.uscc is None:
        return
    core = names.core(name.value)
    if all(names.core(known) == core for known in side.names):
        return
    others = session.scalars(
        select(Identity)
        .where(
            Identity.merchant_id == kept.merchant,
            Identity.kind == "legal_name",
            Identity.platform_id != platform_id,
        )
        .order_by(Identity.id)
        .limit(20)
    )
    for other in others:
        if names.core(other.value) != core:
            before = (other.value, other.shown or other.value, other.platform_id, other.report_id)
            now = (name.value, name.shown or name.value, platform_id, report_id)
            _record(session, kept.merchant, "legal_name", before, now)
            return


def over_code(
    session: Session, known: Known, code: Fact, platform_id: int, report_id: int | None
) -> None:
    """A shop shows another credit code than that of its merchant. The report goes to the code
    it names; the shop stays until a person decides."""
    owner = session.get_one(Merchant, known.owner)
    said = session.scalar(
        select(Identity)
        .where(Identity.merchant_id == owner.id, Identity.kind == "uscc")
        .order_by(Identity.shop_id != known.shop, Identity.id)
        .limit(1)
    )
    by = said.platform_id if said else platform_id
    before = (owner.uscc, owner.uscc, by, said.report_id if said else None)
    now = (code.value, code.value, platform_id, report_id)
    _record(session, owner.id, "uscc", before, now, known.shop)


def _record(
    session: Session, merchant_id: int, what: str, before: Any, now: Any, shop: int | None = None
) -> None:
    """Record a conflict, unless a person settled the same one between the same platforms."""
    value_a, shown_a, platform_a, report_a = before
    value_b, shown_b, platform_b, report_b = now
    settled = select(MerchantConflict.id).where(
        MerchantConflict.merchant_id == merchant_id,
        MerchantConflict.field == what,
        or_(
            and_(
                MerchantConflict.value_a == value_a,
                MerchantConflict.value_b == value_b,
                MerchantConflict.platform_b_id == platform_b,
            ),
            and_(
                MerchantConflict.value_a == value_b,
                MerchantConflict.value_b == value_a,
                MerchantConflict.platform_a_id == platform_b,
            ),
        ),
    )
    if session.scalar(settled.limit(1)):
        return
    statement = pg_insert(MerchantConflict).values(
        merchant_id=merchant_id, field=what, shop_id=shop,
        value_a=value_a, shown_a=shown_a, platform_a_id=platform_a, report_a_id=report_a,
        value_b=value_b, shown_b=shown_b, platform_b_id=platform_b, report_b_id=report_b,
    )  # fmt: skip
    session.execute(statement.on_conflict_do_nothing())


@under(Lock.CLAIMS)
def resolve(
    session: Session, user: User, merchant_id: int, conflict_id: int, kept: str, reason: str
) -> MerchantConflict:
    """A person decides which of two statements holds; the other platform is notified.

    Raises Problem 404, 409 when it is settled, 422.
    """
    if kept not in ("a", "b"):
        raise invalid("kept", "请选择以哪一方为准。")
    reason = required("reason", reason, "请写明理由。", most=2000)
    found = session.get(MerchantConflict, conflict_id, with_for_update=dict(CHANGING))
    if found is None or found.merchant_id != merchant_id:
        raise not_found("没有这项冲突。")
    if found.state != ConflictState.OPEN:
        raise conflict("此项冲突已由他人处理。")
    found.state, found.kept, found.reason = ConflictState.RESOLVED, kept, reason
    found.by_user_id, found.resolved_at = user.id, func.now()
    right, wrong = (found.shown_a, found.shown_b) if kept == "a" else (found.shown_b, found.shown_a)
    merchant = session.get_one(Merchant, found.merchant_id)
    if found.field == "legal_name":
        merchant.name = right
    elif kept == "b":
        _move_shop(session, found)
    told = _tell(session, found, merchant, right, wrong)
    merging.note(
        session, user, "conflict_resolved", merchant.id, found.reason[:500],
        field=found.field, kept=right, instead_of=wrong, told=told,
    )  # fmt: skip
    return found


def _move_shop(session: Session, found: MerchantConflict) -> None:
    """The shop belongs to the merchant of the code it shows now, with what it was known by."""
    owner = session.scalar(select(Merchant).where(Merchant.uscc == found.value_b))
    shop = session.get(Shop, found.shop_id) if found.shop_id else None
    if owner is None or shop is None or shop.merchant_id != found.merchant_id:
        return
    shop.merchant_id = owner.id
    for identity in session.scalars(select(Identity).where(Identity.shop_id == shop.id)):
        if identity.kind != "uscc":
            identity.merchant_id = owner.id
    session.flush()
    case_moves.take_cases_along(session, found.merchant_id, owner.id)


def _tell(
    session: Session, found: MerchantConflict, merchant: Merchant, right: str, wrong: str
) -> str | None:
    """Queue `subject.corrected` for the platform that was wrong, about its own shops alone."""
    loser = found.platform_b_id if found.kept == "a" else found.platform_a_id
    winner = found.platform_a_id if found.kept == "a" else found.platform_b_id
    if loser == winner:
        return None
    for platform in outbox.lock_platforms(session, [loser]):
        mine = or_(Shop.merchant_id == merchant.id, Shop.id == found.shop_id)
        shops = session.scalars(
            select(Shop.shop_id).where(mine, Shop.platform_id == loser).order_by(Shop.id)
        )
        data = {
            "uscc": merchant.uscc if found.field == "legal_name" else None,
            "shops": list(shops)[:500],
            "field": found.field,
            "yours": wrong,
            "corrected": right,
            "reason": found.reason,
        }
        outbox.put(session, platform, "subject.corrected", outbox.next_seq(session, platform), data)
        return platform.slug
    return None
