"""Platforms' keys: issued, encrypted at rest, rotated, revoked, and cached for authentication."""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from cryptography.fernet import Fernet
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from hub.config import settings
from hub.database import session_scope
from hub.outbound import signing
from models import Platform, PlatformKey

ISSUED = ("inbound_hmac", "outbound_ed25519", "outbound_hmac", "bearer")  # by the hub
REGISTERED = "inbound_ed25519"  # by the platform, which keeps the private half
OVERLAP_HOURS = 24  # an old key is still accepted this long after a rotation
_CACHE_SECONDS = 0.5  # a revoked key must be refused within a second
_LATEST = 0.9  # seconds: an older cache entry is never used


@dataclass(frozen=True)
class InboundKey:
    """A key a platform may sign with, ready for verifying."""

    id: int
    scheme: str  # v1 or v1a
    raw: bytes


@dataclass(frozen=True)
class InboundAccess:
    """What authentication needs to know of a platform."""

    platform_id: int
    slug: str
    active: bool
    keys: tuple[InboundKey, ...]
    rate: float  # messages a second and at once: see `rate_limits`
    burst: float


@cache
def _vault() -> Fernet:
    digest = hashlib.sha256(b"platform keys\0" + settings().secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(secret: str) -> bytes:
    """Encrypt a secret for the database."""
    return _vault().encrypt(secret.encode())


def seal_bytes(body: bytes) -> bytes:
    """Encrypt what a platform sent, where it names a person's numbers."""
    return _vault().encrypt(body)


def unseal_bytes(sealed: bytes) -> bytes:
    """The bytes again. Raises cryptography.fernet.InvalidToken under another master key."""
    return _vault().decrypt(sealed)


def unseal(sealed: bytes) -> str:
    """The secret again. Raises cryptography.fernet.InvalidToken under another master key."""
    return _vault().decrypt(sealed).decode()


def token_hash(token: str) -> str:
    """The stored hash of a bearer token. The token is 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(session: Session, platform: Platform, purpose: str) -> str:
    """Make a key of `purpose`; returns the secret, shown only once (or the public half).

    Raises ValueError for an unknown purpose.
    """
    if purpose == "bearer":
        shown = "hub_" + secrets.token_urlsafe(32)
        key = PlatformKey(platform_id=platform.id, purpose=purpose, public=token_hash(shown))
    elif purpose == "outbound_ed25519":
        private, shown = signing.new_keypair()
        key = PlatformKey(
            platform_id=platform.id, purpose=purpose, sealed=seal(private), public=shown
        )
    elif purpose in ("inbound_hmac", "outbound_hmac"):
        shown = signing.new_secret()
        key = PlatformKey(platform_id=platform.id, purpose=purpose, sealed=seal(shown))
    else:
        raise ValueError(f"no key of purpose {purpose} can be issued")
    session.add(key)
    return shown


def register_public(session: Session, platform: Platform, text: str) -> str:
    """Accept Ed25519 signatures of a platform that keeps its own private key; returns the public
    half as it is kept. Older ones are accepted for OVERLAP_HOURS more.

    Raises ValueError when `text` is no Ed25519 public key, or one in force.
    """
    public = signing.public_key(text)
    old = list(session.scalars(valid(platform.id, (REGISTERED,))))
    if public in {key.public for key in old}:
        raise ValueError("this key is registered already")
    _let_expire(old)
    session.add(PlatformKey(platform_id=platform.id, purpose=REGISTERED, public=public))
    return public


def rotate(session: Session, platform: Platform, purpose: str) -> str:
    """A new key of `purpose`; older ones are accepted for OVERLAP_HOURS more."""
    _let_expire(session.scalars(valid(platform.id, (purpose,))))
    return issue(session, platform, purpose)


def _let_expire(old: Iterable[PlatformKey]) -> None:
    for key in old:
        key.valid_until = func.now() + func.make_interval(0, 0, 0, 0, OVERLAP_HOURS)


def revoke(session: Session, platform: Platform, purpose: str) -> int:
    """Refuse every key of `purpose` from now on; returns how many."""
    keys = list(session.scalars(valid(platform.id, (purpose,))))
    for key in keys:
        key.revoked_at = func.now()
    return len(keys)


def valid(platform_id: int, purposes: tuple[str, ...]) -> Select[PlatformKey]:
    """The query for a platform's keys that are accepted now, newest first."""
    return (
        select(PlatformKey)
        .where(
            PlatformKey.platform_id == platform_id,
            PlatformKey.purpose.in_(purposes),
            PlatformKey.revoked_at.is_(None),
            or_(PlatformKey.valid_until.is_(None), PlatformKey.valid_until > func.now()),
        )
        .order_by(PlatformKey.id.desc())
    )


_access_cache: dict[str, tuple[float, InboundAccess | None]] = {}
_reading = threading.Lock()


def inbound_access(slug: str) -> InboundAccess | None:
    """A platform's keys and limits, at most a second old; None when unknown. They are refreshed
    every half second by one thread, while the others use the cached ones."""
    known = _access_cache.get(slug)
    age = time.monotonic() - known[0] if known else math.inf
    if known and age < _CACHE_SECONDS:
        return known[1]
    alone = _reading.acquire(blocking=False)
    try:
        if known and not alone and age < _LATEST:
            return known[1]
        began = time.monotonic()
        with session_scope() as session:
            found = _read_access(session, slug)
        if found or known:  # unknown names are not cached: they would fill the memory
            _access_cache[slug] = (began, found)
        return found
    finally:
        if alone:
            _reading.release()


def seen(slug: str) -> bool:
    """Whether this process has a platform of this name in its cache."""
    return slug in _access_cache


def _read_access(session: Session, slug: str) -> InboundAccess | None:
    platform = session.scalar(select(Platform).where(Platform.slug == slug))
    if platform is None:
        return None
    keys = []
    for key in session.scalars(valid(platform.id, ("inbound_hmac", REGISTERED))):
        if key.purpose == "inbound_hmac":
            raw = signing.key_bytes(unseal(key.sealed or b""), "whsec_")
            keys.append(InboundKey(key.id, "v1", raw))
        else:
            keys.append(InboundKey(key.id, "v1a", signing.key_bytes(key.public or "", "whpk_")))
    return InboundAccess(
        platform.id, platform.slug, platform.active, tuple(keys), platform.rate, platform.burst
    )


def outbound_purpose(platform: Platform) -> str:
    """The purpose of the keys that the hub signs with for `platform`."""
    return "outbound_hmac" if platform.signature_scheme == "v1" else "outbound_ed25519"


def outbound_keys(session: Session, platform: Platform) -> tuple[str, tuple[str, ...]]:
    """(scheme, private keys) that the hub signs with for `platform`, newest first.

    During a rotation there are two and a message bears both signatures, so that the platform
    can switch whenever it likes. Raises LookupError when the platform has none.
    """
    purpose = outbound_purpose(platform)
    sealed = [key.sealed for key in session.scalars(valid(platform.id, (purpose,)))]
    if not sealed:
        raise LookupError(f"{platform.slug} has no {purpose} key")
    return platform.signature_scheme, tuple(unseal(each) for each in sealed if each)


def bearer_platform(session: Session, token: str) -> Platform | None:
    """The platform a bearer token belongs to, or None."""
    return session.scalar(
        select(Platform)
        .join(PlatformKey, PlatformKey.platform_id == Platform.id)
        .where(
            PlatformKey.purpose == "bearer",
            PlatformKey.public == token_hash(token),
            PlatformKey.revoked_at.is_(None),
            or_(PlatformKey.valid_until.is_(None), PlatformKey.valid_until > func.now()),
        )
    )
