"""Where is this merchant with you? Platforms search among their own merchants and say.

What goes out are slow salted hashes, another salt for every question and platform: a platform
recognises merchants it has, and for any other would have to guess. docs/merchants.md says how
far that holds. A shop found by code or licence number becomes the merchant's; one found by name
alone is a suggestion, as names always are.
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

from hub.database import CHANGING
from hub.problems import FieldError, Problem
from hub.services.audit import audit_log
from hub.services.merchants import merging, weak_keys
from hub.services.platforms import outbox
from hub.services.privacy.identities import NAMES
from hub.services.rumors import matching
from models import Case, Identity, Shop, Subject, SubjectLookup, User

ITERATIONS = 2_000  # about a millisecond a key; a platform hashes each of its merchants once
ANSWER_DAYS = 1
_NOT_AGAIN = timedelta(hours=24)  # a proposal asks again only after this
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
    session: Session, subject_id: int, case_id: int | None = None, user: User | None = None
) -> int:
    """Queue a `subject.lookup` to every active platform; how many. Nothing when the merchant is
    known by nothing that can be asked for."""
    known = _keys(session, subject_id)
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
        row = SubjectLookup(
            public_id=public_id, subject_id=subject_id, case_id=case_id,
            platform_id=platform.id, salt=salt, asked_by_id=user.id if user else None,
        )  # fmt: skip
        session.add(row)
        outbox.put(session, platform, "subject.lookup", outbox.next_seq(session, platform), data)
    session.flush()
    return len(platforms)


def ask_about(session: Session, case: Case) -> int:
    """Ask about the merchant of a case that is being decided, unless that was done lately."""
    if case.subject_id is None:
        return 0
    lately = select(SubjectLookup.id).where(
        SubjectLookup.subject_id == case.subject_id,
        SubjectLookup.asked_at > func.now() - _NOT_AGAIN,
    )
    return 0 if session.scalar(lately.limit(1)) else ask(session, case.subject_id, case.id)


def _keys(session: Session, subject_id: int) -> list[tuple[str, str]]:
    """(kind, value) of what a merchant can be asked for: code, licence numbers, names."""
    subject = session.get_one(Subject, subject_id)
    found = [("uscc", subject.uscc)] if subject.uscc else []
    rows = session.execute(
        select(Identity.kind, Identity.shown)
        .where(Identity.subject_id == subject_id, Identity.kind.in_(("license_no", *NAMES)))
        .order_by(Identity.kind == "shop_name", Identity.id)
    )
    told = [("name", subject.name), *((k, shown) for k, shown in rows)]
    for kind, value in told:
        if value and form(value):
            found.append(("license_no" if kind == "license_no" else "name", form(value)))
    return list(dict.fromkeys(found))[:_MOST_KEYS]


def take(session: Session, platform_id: int, slug: str, type_: str, data: dict[str, Any]) -> None:
    """A platform's answer. The last one stands: it may have gained the merchant meanwhile.

    Raises Problem 422 for a lookup that is not this platform's.
    """
    matching.alone(session)
    lookup = session.scalar(
        select(SubjectLookup)
        .where(
            SubjectLookup.public_id == data["lookup_id"], SubjectLookup.platform_id == platform_id
        )
        .with_for_update(of=SubjectLookup, **CHANGING)
    )
    if lookup is None:
        error = FieldError("data.lookup_id", "was not sent to you", "a lookup_id of yours")
        raise Problem(422, "unknown_lookup", "This lookup is unknown.", [error])
    found = type_ == "subject.found"
    lookup.state, lookup.answer = ("FOUND" if found else "ABSENT"), data
    lookup.answered_at = func.now()
    for shop in data["shops"] if found else ():
        _attach(session, lookup, shop)
    merging.write_notes(session)
    audit_log.note(
        session, f"平台:{slug}", "subject_found" if found else "subject_absent", lookup.case_id,
        subject=lookup.subject_id, lookup=lookup.public_id,
        shops=[shop["shop_id"] for shop in data.get("shops", [])][:50],
    )  # fmt: skip


def _attach(session: Session, lookup: SubjectLookup, told: dict[str, Any]) -> None:
    """A shop that was found: the merchant's where a number fitted, a question where a name did."""
    subject = session.get_one(Subject, lookup.subject_id)
    exact = next((k for k in ("uscc", "license_no") if k in told["by"]), None)
    proof = [{"kind": f"found_by_{exact or 'name'}", "value": "", "shown": told["shop_id"]}]
    shop = session.scalar(
        select(Shop).where(Shop.platform_id == lookup.platform_id, Shop.shop_id == told["shop_id"])
    )
    if shop is None and exact:
        session.add(
            Shop(
                subject_id=subject.id, platform_id=lookup.platform_id,
                shop_id=told["shop_id"], name=told.get("shop_name"),
            )
        )  # fmt: skip
        session.flush()
    elif shop and shop.subject_id != subject.id:
        other = session.get_one(Subject, shop.subject_id)
        differ = other.uscc and subject.uscc and other.uscc != subject.uscc
        if exact and not differ and not merging.apart(session, subject.id, other.id):
            merging.join(session, other, subject, proof)
        elif not differ:
            weak_keys.suggest(session, subject.id, {other.id: proof})


def of_subject(session: Session, subject_id: int) -> list[SubjectLookup]:
    """The newest lookup to each platform."""
    query = (
        select(SubjectLookup)
        .ext(distinct_on(SubjectLookup.platform_id))
        .where(SubjectLookup.subject_id == subject_id)
        .order_by(SubjectLookup.platform_id, SubjectLookup.id.desc())
    )
    return list(session.scalars(query))
