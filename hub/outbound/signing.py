"""Standard Webhooks signatures: HMAC-SHA256 `v1` and Ed25519 `v1a`.

Signed content is ``{id}.{timestamp}.{raw body}`` (specification of Standard Webhooks 1.0).
Stricter than the reference library: a malformed header is simply not valid.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)
TIMESTAMP = re.compile(r"[0-9]{10}\Z", re.ASCII)
MIN_SECRET = 24  # bytes; the specification's lower bound


def content(message_id: str, timestamp: str, body: bytes) -> bytes:
    """The bytes that are signed."""
    return f"{message_id}.{timestamp}.".encode() + body


def new_secret() -> str:
    """A fresh HMAC secret, `whsec_` and 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def new_keypair() -> tuple[str, str]:
    """A fresh Ed25519 pair as (`whsk_...` private, `whpk_...` public), 32 raw bytes each."""
    key = Ed25519PrivateKey.generate()
    private = base64.b64encode(key.private_bytes_raw()).decode()
    return "whsk_" + private, _written(key.public_key().public_bytes_raw())


def public_key(text: str) -> str:
    """A public key in the one way the hub writes it, `whpk_...`; PEM is read too.

    Raises ValueError when it is no Ed25519 public key.
    """
    text = text.strip()
    if not text.startswith("-----BEGIN "):
        return _written(key_bytes(text, "whpk_"))
    try:
        key = load_pem_public_key(text.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("an unknown kind of key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the key must be Ed25519")
    return _written(key.public_bytes_raw())


def _written(public: bytes) -> str:
    return "whpk_" + base64.b64encode(public).decode()


def key_bytes(text: str, prefix: str) -> bytes:
    """Bytes of a key written as `prefix` + base64. Raises ValueError when malformed."""
    if not text.startswith(prefix):
        raise ValueError(f"a key must start with {prefix}")
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise ValueError("the part after the prefix is not base64") from error
    if prefix == "whsec_" and len(raw) < MIN_SECRET:
        raise ValueError(f"a secret needs at least {MIN_SECRET} bytes")
    if prefix != "whsec_" and len(raw) != 32:
        raise ValueError("an Ed25519 key has 32 bytes")
    return raw


def sign_v1(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the HMAC of the message under a `whsec_` secret."""
    mac = hmac.digest(key_bytes(secret, "whsec_"), content(message_id, timestamp, body), "sha256")
    return "v1," + base64.b64encode(mac).decode()


def sign_v1a(private: str, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1a,` and the Ed25519 signature of the message under a `whsk_` key."""
    key = Ed25519PrivateKey.from_private_bytes(key_bytes(private, "whsk_"))
    return "v1a," + base64.b64encode(key.sign(content(message_id, timestamp, body))).decode()


def signatures(header: str) -> list[tuple[str, bytes]]:
    """(version, signature bytes) of each well-formed entry of a `webhook-signature` header.

    At most 10 are checked: more would be an attack on the hub's CPU.
    """
    found = []
    for entry in header.split(" ")[:10]:
        version, comma, value = entry.partition(",")
        if not comma or version not in ("v1", "v1a"):
            continue
        try:
            found.append((version, base64.b64decode(value, validate=True)))
        except (binascii.Error, ValueError):
            continue
    return found


def verify_v1(secret: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether `signature` is the HMAC of `signed` under the secret's bytes."""
    return hmac.compare_digest(hmac.digest(secret, signed, "sha256"), signature)


def verify_v1a(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `signed` under the raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True
