"""Anchors 存证: the head of the audit log, signed, to be kept outside the hub.

Whoever controls the database can rewrite the whole log with valid hashes, but not so that it still
matches an anchor that somebody else holds. The key is derived from the hub's secret, so that an
anchor can be checked as long as the installation lives; its public half is in the anchor.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from hub.config import settings
from hub.services.audit import audit_log
from models import AuditEntry

FIELDS = frozenset({"hub", "entry", "entries", "hash", "at", "key", "signature"})


class Broken(Exception):
    """The chain or the anchor was altered; the message says how."""


def make(session: Session) -> dict[str, Any]:
    """An anchor of the log as it is. Raises Broken when its chain does not hold."""
    walked = audit_log.walk(session)
    if walked.broken is not None:
        raise Broken(f"entry {walked.broken} was altered or one before it removed")
    body: dict[str, Any] = {
        "hub": settings().issuer,
        "entry": walked.last,
        "entries": walked.held,
        "hash": walked.hash.hex(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "key": _public(),
    }
    signature = _private().sign(rfc8785.dumps(body))
    return {**body, "signature": base64.b64encode(signature).decode()}


def check(session: Session, raw: bytes) -> int:
    """How many entries of today's chain the anchor vouches for. Raises Broken when it is not
    ours, was altered, or the chain no longer contains what it names."""
    anchor = _read(raw)
    walked = audit_log.walk(session)
    if walked.broken is not None:
        raise Broken(f"entry {walked.broken} was altered or one before it removed")
    if anchor["entries"] == 0:
        return 0
    entry = session.get(AuditEntry, anchor["entry"])
    if entry is None or entry.hash.hex() != anchor["hash"] or anchor["entries"] > walked.held:
        raise Broken(f"entry {anchor['entry']} is not the one that was anchored {anchor['at']}")
    return int(anchor["entries"])


def _read(raw: bytes) -> dict[str, Any]:
    try:
        anchor = json.loads(raw)
        if not isinstance(anchor, dict) or set(anchor) != FIELDS:
            raise ValueError("its fields are not an anchor's")
        signature = base64.b64decode(anchor["signature"], validate=True)
        if anchor["key"] != _public():
            raise Broken(f"the anchor was signed by another hub's key: {anchor['key']!s:.60}")
        signed = rfc8785.dumps({k: v for k, v in anchor.items() if k != "signature"})
        _private().public_key().verify(signature, signed)
    except InvalidSignature:
        raise Broken("the anchor was altered: its signature does not fit") from None
    except (ValueError, TypeError) as error:
        raise Broken(f"this is no anchor: {error}") from None
    return anchor


def _private() -> Ed25519PrivateKey:
    secret = settings().secret_key.encode()
    seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"audit anchors").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public() -> str:
    raw = _private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "whpk_" + base64.b64encode(raw).decode()
