"""Authentication of inbound messages, before anything is parsed.

Order (docs/platforms/contract.md): platform by URL, strict headers, signature over the raw bytes,
timestamp, rate limit. The limit comes after the signature, so that nobody can use up another's.
Nothing here trusts a byte of the body.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import insert

from hub.config import CLOCK_TOLERANCE
from hub.database import autocommit
from hub.outbound import signing
from hub.problems import FieldError, Problem
from hub.services.platforms import keys, rate_limits
from models import SecurityEvent


class Headers(Protocol):
    """Request headers of any framework; names are looked up without regard to case."""

    def get(self, name: str, /) -> str | None: ...


HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
EVENTS = (1.0, 1000.0)  # recorded forgeries, per second and at once: they must not fill the disk


@dataclass(frozen=True)
class Sender:
    """The authenticated sender of a message."""

    platform_id: int
    slug: str
    key_id: int
    webhook_id: str
    headers: dict[str, str]  # the signature headers; kept with the message as evidence


def admit(slug: str, headers: Headers, raw: bytes) -> Sender:
    """Authenticate the sender of `raw`. Raises Problem 401, 403 or 404 when it is no known
    platform, 429 when the platform exceeds its rate limit."""
    access = keys.inbound_access(slug)
    if access is None:
        raise Problem(404, "unknown_platform", f"No platform is registered as {slug[:64]!r}.")
    webhook_id, timestamp, signature = _strict(headers)
    signed = signing.content(webhook_id, timestamp, raw)
    key_id = _signing_key(access, signature, signed)
    if key_id is None:
        if rate_limits.allows(f"events:{access.slug}", 1, *EVENTS):
            record(slug, "bad_signature", webhook_id=webhook_id)
        raise Problem(
            401,
            "bad_signature",
            "No valid key of this platform signed these bytes.",
            [
                FieldError(
                    "webhook-signature",
                    "does not match the raw body under any valid key",
                    "v1,base64(HMAC-SHA256(secret, id.timestamp.body)) over the exact bytes sent",
                )
            ],
        )
    _check_clock(timestamp)
    if not access.active:
        raise Problem(403, "platform_inactive", "This platform is suspended; ask the bureau.")
    cost = 1 + len(raw) // rate_limits.BYTES
    rate_limits.spend(f"door:{access.slug}", cost, access.rate, access.burst)
    signed_with = dict(zip(HEADERS, (webhook_id, timestamp, signature), strict=True))
    return Sender(access.platform_id, access.slug, key_id, webhook_id, signed_with)


def record(slug: str | None, kind: str, **detail: Any) -> None:
    """Record a security event in a transaction of its own, whatever becomes of the request."""
    event = {"platform_slug": slug, "kind": kind, "detail": detail}
    with autocommit() as connection:
        connection.execute(insert(SecurityEvent), event)


def _strict(headers: Headers) -> tuple[str, str, str]:
    missing = [name for name in HEADERS if not headers.get(name)]
    if missing:
        raise Problem(
            401,
            "missing_header",
            "Standard Webhooks headers are needed.",
            [FieldError(name, "missing", "see /docs#signing") for name in missing],
        )
    webhook_id, timestamp, signature = (headers.get(name) or "" for name in HEADERS)
    if not signing.ID.match(webhook_id):
        raise _bad_header("webhook-id", "1 to 64 of A-Z a-z 0-9 _ -")
    if not signing.TIMESTAMP.match(timestamp):
        raise _bad_header("webhook-timestamp", "unix seconds, exactly 10 digits")
    if not signing.signatures(signature):
        raise _bad_header("webhook-signature", "v1,<base64> or v1a,<base64>, space-separated")
    return webhook_id, timestamp, signature


def _bad_header(name: str, send: str) -> Problem:
    error = FieldError(name, "malformed", send)
    return Problem(401, "malformed_header", f"The {name} header is malformed.", [error])


def _signing_key(access: keys.InboundAccess, header: str, signed: bytes) -> int | None:
    for version, signature in signing.signatures(header):
        verify = signing.verify_v1 if version == "v1" else signing.verify_v1a
        for key in access.keys:
            if key.scheme == version and verify(key.raw, signature, signed):
                return key.id
    return None


def _check_clock(timestamp: str) -> None:
    off = int(timestamp) - int(time.time())
    if abs(off) > CLOCK_TOLERANCE:
        detail = f"The timestamp is {abs(off)} s {'ahead' if off > 0 else 'old'}."
        send = f"the time of this attempt, within {CLOCK_TOLERANCE} s; sign each retry anew"
        error = FieldError("webhook-timestamp", detail, send)
        raise Problem(401, "clock", detail, [error])
