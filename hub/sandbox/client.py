"""A client of the hub: sign what you send, verify what you receive, act on it once.

This file stands alone (standard library, `requests`, `cryptography`); copy it.
Signatures follow Standard Webhooks: both sides sign `id.timestamp.body`.
"""

import base64
import hmac
import json
import random
import re
import sqlite3
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CLOCK_TOLERANCE_S = 300
TIMEOUT_S = 15
LONGEST_WAIT_S = 24 * 3600
RETRY_STATUSES = {408, 425, 429}
INBOX_TABLE = "CREATE TABLE IF NOT EXISTS inbox (webhook_id TEXT PRIMARY KEY, received_at TEXT)"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{10}")


class NotFromHub(Exception):
    """The message was not signed by the hub for this platform just now. Answer 401."""


def now_rfc3339() -> str:
    """The current time in UTC, in the format of the hub."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_webhook_id() -> str:
    """A fresh id for one message; every retry of that message keeps it."""
    return f"msg_{uuid.uuid4().hex}"


def message(kind: str, data: dict) -> bytes:
    """The body of one message. Keep these bytes: a retry sends exactly them."""
    body = {"type": kind, "timestamp": now_rfc3339(), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 signature of one message; `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def signed_headers(secret: str, webhook_id: str, body: bytes) -> dict[str, str]:
    """The headers of one attempt, signed with the current time."""
    timestamp = int(time.time())
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, webhook_id, timestamp, body),
    }


def verify(keys: Iterable[str], headers: Mapping[str, str], body: bytes, audience: str) -> dict:
    """Returns the hub's message. Raises NotFromHub.

    `keys` are the hub's `whpk_` keys, or the `whsec_` secrets of a platform that asked for
    HMAC; during a rotation there are two.
    `headers` must look names up without regard to case. `body` is the raw bytes:
    parse only what has been verified.
    """
    webhook_id = headers.get("webhook-id") or ""
    timestamp = headers.get("webhook-timestamp") or ""
    if not _ID.fullmatch(webhook_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise NotFromHub("webhook-id or webhook-timestamp is missing or malformed")
    if abs(time.time() - int(timestamp)) > CLOCK_TOLERANCE_S:
        raise NotFromHub("webhook-timestamp is more than 300 s away from our clock")
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = (headers.get("webhook-signature") or "").split()
    if not any(_signed_by(key, signed, one) for key in keys for one in signatures):
        raise NotFromHub("no signature of the hub matches")
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotFromHub("the body is not JSON") from error
    # Refuses a validly signed order to another platform that is replayed here.
    if not isinstance(envelope, dict) or envelope.get("aud") != audience:
        raise NotFromHub("the message is addressed to another platform")
    return envelope


def _signed_by(key: str, signed: bytes, signature: str) -> bool:
    version, _, encoded = signature.partition(",")
    kind, _, raw = key.partition("_")
    try:
        given, secret = (base64.b64decode(one, validate=True) for one in (encoded, raw))
        if (kind, version) == ("whsec", "v1"):
            return hmac.compare_digest(hmac.digest(secret, signed, "sha256"), given)
        if (kind, version) == ("whpk", "v1a"):
            Ed25519PublicKey.from_public_bytes(secret).verify(given, signed)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def first_time(db: sqlite3.Connection, webhook_id: str) -> bool:
    """True once per message. Call it in the transaction that acts on the message.

    `db` is a connection to a database with `INBOX_TABLE`. If the mark and the act were committed
    separately, a crash between them would lose or repeat the act.
    """
    row = (webhook_id, now_rfc3339())
    return db.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?)", row).rowcount == 1


def post(
    session: requests.Session, url: str, secret: str, webhook_id: str, body: bytes
) -> requests.Response | None:
    """One attempt. Returns the response, or None where the hub could not be reached."""
    headers = signed_headers(secret, webhook_id, body)
    try:
        return session.post(
            url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
    except requests.RequestException:
        return None


def is_final(status: int | None) -> bool:
    """Whether this status is final; otherwise send the same bytes again."""
    return status is not None and status < 500 and status not in RETRY_STATUSES


def wait_before(attempt: int, response: requests.Response | None) -> float:
    """Seconds until attempt number `attempt` (the first retry is 1), with full jitter."""
    asked = response.headers.get("retry-after", "") if response is not None else ""
    if asked.isascii() and asked.isdigit():
        return float(min(int(asked), LONGEST_WAIT_S))
    return random.uniform(0.1, min(300.0, 0.25 * 2 ** min(attempt, 12)))
