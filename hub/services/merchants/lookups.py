"""Merchant lookups: platforms search for a merchant among their own and answer.

Lookups carry slow salted hashes with a new salt for every lookup and platform: a platform
recognises merchants it has, and would have to guess any other. docs/platforms/contract.md, 3, says
how far that holds. A shop found by code or licence number becomes the merchant's; one found by
name alone is a suggestion.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import CHANGING, Lock
from hub.problems import FieldError, Problem
from hub.services.audit import audit_log
from hub.services.merchants import merging, weak_keys
from hub.services.platforms import outbox
from hub.services.privacy.identities import NAMES
from models import Case, Identity, Merchant, MerchantLookup, Shop, User
from models.states import LookupState

ITERATIONS = 2_000  # about a millisecond a key; a platform hashes each of its merchants once
ANSWER_DAYS = 1
_ASK_AGAIN_AFTER = timedelta(hours=24)  # proposals within it do not ask again
_MOST_KEYS = 12


def salted(value: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """PBKDF2-HMAC-SHA256 of a code or name in its `form`, 32 bytes in hex."""
    return hashlib.pbkdf2_hmac(
        "sha256", form(value).encode("utf-8", "replace"), salt, iterations
    ).hex()


def form(value: str) -> str:
    """The form both sides hash: NFKC, lower case, letters and digits alone."""
    folded = unicodedata.normalize("NFKC", value).lower()
    return "".join(c for c in folded if c.isalnum())


def ask(
    session: Session, merchant_id: int, case_id: int | None = None, user: User | None = None
) -> int:
    """Queue a `subject.lookup` to every active platform; how many. None when the merchant
    has no identifier to ask for."""
    known = _keys(session, merchant_id)
    if not known:
        return 0
    platforms = outbox.lock_platforms(session)
    for platform in platforms:
        salt, public_id = secrets.token_bytes(16), "lk_" + secrets.token_hex(12)
        until = datetime.now(UTC) + timedelta(days=ANSWER_DAYS)
        data = {
            "lookup_id": public_id,
            "salt": base64.b64encode(salt).decode(),
            "iterations": ITERATIONS,
            "keys": [{"kind": k, "hash": salted(v, salt)} for k, v in known],
            "answer_by": until.isoformat(timespec="seconds"),
        }
        row = MerchantLookup(
            public_id=public_id, merchant_id=merchant_id, case_id=case_id,
            platform_id=platform.id, salt=salt, asked_by_id=user.id if user else None,
        )  # fmt: skip
        session.add(row)
        outbox.put(session, platform, "subject.lookup", outbox.next_seq(session, platform), data)
    session.flush()
    return len(platforms)


def ask_about(session: Session, case: Case) -> int:
    """Ask about the merchant of a case that is being decided, unless that was done recently."""
    if case.merchant_id is None:
        return 0
    lately = select(MerchantLookup.id).where(
        MerchantLookup.merchant_id == case.merchant_id,
        MerchantLookup.asked_at > func.now() - _ASK_AGAIN_AFTER,
    )
    return 0 if session.scalar(lately.limit(1)) else ask(session, case.merchant_id, case.id)


def _keys(session: Session, merchant_id: int) -> list[tuple[str, str]]:
    """(kind, value) of the identifiers to look a merchant up by: code, licence numbers, names."""
    merchant = session.get_one(Merchant, merchant_id)
    found = [("uscc", merchant.uscc)] if merchant.uscc else []
    rows = session.execute(
        select(Identity.kind, Identity.shown)
        .where(Identity.merchant_id == merchant_id, Identity.kind.in_(("license_no", *NAMES)))
        .order_by(Identity.kind == "shop_name", Identity.id)
    )
    told = [("name", merchant.name), *((k, shown) for k, shown in rows)]
    for kind, value in told:
        if value and form(value):
            found.append(("license_no" if kind == "license_no" else "name", form(value)))
    return list(dict.fromkeys(found))[:_MOST_KEYS]


def take(session: Session, platform_id: int, slug: str, type_: str, data: dict[str, Any]) -> None:
    """Store a platform's answer; a later one replaces it, as merchants come and go.

    Raises Problem 422 for a lookup that is not this platform's.
    """
    locks.hold(session, Lock.CLAIMS)
    lookup = session.scalar(
        select(MerchantLookup)
        .where(
            MerchantLookup.public_id == data["lookup_id"], MerchantLookup.platform_id == platform_id
        )
        .with_for_update(of=MerchantLookup, **CHANGING)
    )
    if lookup is None:
        error = FieldError("data.lookup_id", "was not sent to you", "a lookup_id of yours")
        raise Problem(422, "unknown_lookup", "This lookup is unknown.", [error])
    found = type_ == "subject.found"
    lookup.state, lookup.answer = (LookupState.FOUND if found else LookupState.ABSENT), data
    lookup.answered_at = func.now()
    for shop in data["shops"] if found else ():
        _attach(session, lookup, shop)
    audit_log.note(
        session, audit_log.platform_actor(slug),
        "subject_found" if found else "subject_absent", lookup.case_id,
        subject=lookup.merchant_id, lookup=lookup.public_id,
        shops=[shop["shop_id"] for shop in data.get("shops", [])][:50],
    )  # fmt: skip


def _attach(session: Session, lookup: MerchantLookup, told: dict[str, Any]) -> None:
    """Give a shop found by a number to the merchant; suggest one found by name."""
    merchant = session.get_one(Merchant, lookup.merchant_id)
    exact = next((k for k in ("uscc", "license_no") if k in told["by"]), None)
    proof = [{"kind": f"found_by_{exact or 'name'}", "value": "", "shown": told["shop_id"]}]
    shop = session.scalar(
        select(Shop).where(Shop.platform_id == lookup.platform_id, Shop.shop_id == told["shop_id"])
    )
    if shop is None and exact:
        session.add(
            Shop(
                merchant_id=merchant.id, platform_id=lookup.platform_id,
                shop_id=told["shop_id"], name=told.get("shop_name"),
            )
        )  # fmt: skip
        session.flush()
    elif shop and shop.merchant_id != merchant.id:
        other = session.get_one(Merchant, shop.merchant_id)
        differ = other.uscc and merchant.uscc and other.uscc != merchant.uscc
        if exact and not differ and not merging.apart(session, merchant.id, other.id):
            merging.join(session, other, merchant, proof)
        elif not differ:
            weak_keys.suggest(session, merchant.id, {other.id: proof})


def of_merchant(session: Session, merchant_id: int) -> list[MerchantLookup]:
    """The newest lookup to each platform."""
    query = (
        select(MerchantLookup)
        .ext(distinct_on(MerchantLookup.platform_id))
        .where(MerchantLookup.merchant_id == merchant_id)
        .order_by(MerchantLookup.platform_id, MerchantLookup.id.desc())
    )
    return list(session.scalars(query))
