"""Two merchants become one, or one becomes two; shops, identities, clues and cases go along.

The machine joins by exact keys only; what a person joined or split stays: a pair that a person
put apart is neither joined nor suggested again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from hub.locks import Lock, under
from hub.problems import invalid
from hub.services.audit import audit_log
from hub.services.merchants import case_moves
from models import (
    Identity,
    Merchant,
    MerchantConflict,
    MerchantLookup,
    MerchantPair,
    Shop,
    User,
)
from models.states import PairState

MACHINE = "系统"
_DESCRIBED = ("name", "license_no", "address", "region")


def apart(session: Session, one_id: int, other_id: int) -> bool:
    """Whether a person has decided that these two are different merchants."""
    state = select(MerchantPair.state).where(
        MerchantPair.a_id == min(one_id, other_id), MerchantPair.b_id == max(one_id, other_id)
    )
    return session.scalar(state) == PairState.apart


@under(Lock.CLAIMS)
def join(
    session: Session,
    one: Merchant,
    other: Merchant,
    evidence: list[dict[str, Any]],
    user: User | None = None,
    reason: str | None = None,
) -> Merchant:
    """Join two merchants; returns the one that stays: the one with a code, else the older.

    Raises ValueError for different codes: those are two merchants by law.
    """
    for each in (one, other):
        session.refresh(each)  # reports are stored by SQL, past the session's objects
    if one.uscc and other.uscc and one.uscc != other.uscc:
        raise ValueError("two credit codes are two merchants")
    stays, goes = sorted((one, other), key=lambda s: (s.uscc is None, s.id))
    for table in (Shop, Identity, MerchantConflict, MerchantLookup):
        session.execute(
            update(table)
            .where(table.merchant_id == goes.id)
            .values(merchant_id=stays.id)
            .execution_options(synchronize_session="fetch")
        )
    _move_clues(session, goes.id, stays.id)
    for name in _DESCRIBED:
        setattr(stays, name, getattr(stays, name) or getattr(goes, name))
    goes.merged_into_id = stays.id
    _move_pairs(session, goes.id, stays.id)
    set_pair(session, goes.id, stays.id, PairState.joined, evidence, user, reason)
    moved = case_moves.move_cases(session, goes.id, stays.id)
    session.flush()
    session.expire(stays, ["shops"])
    session.expire(goes, ["shops"])
    by = [e["kind"] for e in evidence]
    reason = (reason or "")[:500]
    note(session, user, "subject_join", stays.id, reason, moved, by=by, gone=goes.id)
    return stays


@under(Lock.CLAIMS)
def split(
    session: Session,
    user: User,
    merchant: Merchant,
    shop_ids: set[int],
    identity_ids: set[int],
    reason: str,
) -> Merchant:
    """Make a new merchant of picked shops with their identities, and of picked identities
    without a shop. Cases that are only about the picked shops move along. The two are never
    joined again. Raises Problem 422 when nothing, or everything, is picked."""
    session.refresh(merchant)
    theirs = set(session.scalars(select(Shop.id).where(Shop.merchant_id == merchant.id)))
    if not (shop_ids & theirs or identity_ids):
        raise invalid("shops", "请选择要拆分的店铺或身份信息。")
    if theirs and theirs <= shop_ids:
        raise invalid("shops", "不能把全部店铺拆分出去。")
    new = Merchant()
    session.add(new)
    session.flush()
    moving = or_(
        Identity.shop_id.in_(shop_ids),
        (Identity.id.in_(identity_ids)) & Identity.shop_id.is_(None),
    )
    here = Identity.merchant_id == merchant.id
    session.execute(update(Identity).where(here, moving).values(merchant_id=new.id))
    session.execute(
        update(Shop).where(Shop.id.in_(shop_ids), Shop.merchant_id == merchant.id)
        .values(merchant_id=new.id)
    )  # fmt: skip
    for each in (merchant, new):
        session.expire(each, ["shops"])
    _update_descriptions(session, merchant, new)
    set_pair(session, merchant.id, new.id, PairState.apart, [], user, reason)
    moved = case_moves.take_cases_along(session, merchant.id, new.id)
    note(session, user, "subject_split", merchant.id, reason[:500], moved, made=new.id)
    return new


@under(Lock.CLAIMS)
def put_apart(session: Session, user: User, one: Merchant, other: Merchant, reason: str) -> None:
    """A person decides that these are two merchants; they are never joined again."""
    set_pair(session, one.id, other.id, PairState.apart, [], user, reason)
    note(session, user, "subject_apart", one.id, reason[:500], other=other.id)


def note_lookup(session: Session, user: User, merchant: Merchant, platforms: int) -> None:
    """An officer asked the platforms where this merchant is."""
    note(session, user, "subject_lookup", merchant.id, "", asked=platforms)


def set_pair(
    session: Session,
    one_id: int,
    other_id: int,
    state: str,
    evidence: list[dict[str, Any]],
    user: User | None,
    reason: str | None,
) -> None:
    """Store the relation of two merchants; evidence is added to what was there."""
    statement = pg_insert(MerchantPair).values(
        a_id=min(one_id, other_id),
        b_id=max(one_id, other_id),
        state=state,
        evidence=evidence,
        by_user_id=user.id if user else None,
        reason=reason,
    )
    told = {name: statement.excluded[name] for name in ("state", "by_user_id", "reason")}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["a_id", "b_id"],
            set_=told | {"evidence": MerchantPair.evidence + statement.excluded.evidence},
        ).execution_options(synchronize_session=False)
    )


def note(
    session: Session,
    user: User | None,
    action: str,
    merchant_id: int,
    why: str,
    case_ids: Sequence[int] = (),
    **detail: Any,
) -> None:
    """An audit entry about a merchant, one in the history of each case that moved."""
    actor = user.username if user else MACHINE
    told: list[int | None] = [*case_ids] or [None]
    for case_id in told:
        audit_log.note(session, actor, action, case_id, subject=merchant_id, why=why, **detail)


def _move_clues(session: Session, from_id: int, to_id: int) -> None:
    session.execute(
        text(
            "WITH gone AS (DELETE FROM merchant_clue WHERE merchant_id = :f RETURNING key) "
            "INSERT INTO merchant_clue SELECT key, :t FROM gone ON CONFLICT DO NOTHING"
        ),
        {"f": from_id, "t": to_id},
    )


def _move_pairs(session: Session, from_id: int, to_id: int) -> None:
    """Move relations to the merchant that stays; 'apart' outweighs all others."""
    rows = session.scalars(
        select(MerchantPair).where(or_(MerchantPair.a_id == from_id, MerchantPair.b_id == from_id))
    ).all()
    for pair in rows:
        other = pair.b_id if pair.a_id == from_id else pair.a_id
        if other == to_id or pair.state == PairState.joined:
            continue
        known = session.get(MerchantPair, (min(other, to_id), max(other, to_id)))
        if known is None or (pair.state == PairState.apart and known.state != PairState.apart):
            user = session.get(User, pair.by_user_id) if pair.by_user_id else None
            set_pair(session, other, to_id, pair.state, pair.evidence, user, pair.reason)
            if known:
                session.expire(known)


def _update_descriptions(session: Session, merchant: Merchant, new: Merchant) -> None:
    """After a split: each keeps the code and descriptions that its own reports state."""
    found: dict[int, dict[str, str]] = {merchant.id: {}, new.id: {}}
    rows = session.execute(
        select(Identity.merchant_id, Identity.kind, Identity.value, Identity.shown)
        .where(Identity.merchant_id.in_(found))
        .order_by(Identity.id)
    )
    for owner, kind, value, shown in rows:
        found[owner].setdefault(kind, value if kind == "uscc" else (shown or ""))
    if (
        merchant.uscc
        and found[new.id].get("uscc") == merchant.uscc
        and "uscc" not in found[merchant.id]
    ):
        new_code, merchant.uscc = merchant.uscc, None
        session.flush()  # before the other gets it: codes are unique
        new.uscc = new_code
    here = found[new.id]
    new.name = here.get("legal_name") or here.get("shop_name")
    new.address, new.license_no = here.get("address"), here.get("license_no")
    there = found[merchant.id]
    if here.get("legal_name") == merchant.name and there:
        merchant.name = there.get("legal_name") or there.get("shop_name") or merchant.name


def live(session: Session, merchant_id: int) -> Merchant | None:
    """The merchant as it is now: the one it was joined into, if it was."""
    for _ in range(50):
        merchant = session.get(Merchant, merchant_id)
        if merchant is None or merchant.merged_into_id is None:
            return merchant
        merchant_id = merchant.merged_into_id
    return None
