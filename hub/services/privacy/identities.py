"""Identifiers of a report's merchant, and the hashing of personal numbers.

ID number, phone, payout account and licence number are compared by keyed hash alone:

    joint = HMAC-SHA256(shared salt, kind ":" number)   what a platform may send itself
    kept  = HMAC-SHA256(identity key, kind ":" joint)   what the hub stores

The joint form is the same whether hub or platform computed it; the stored form reveals nothing to
whoever steals the database without the key. Keys rotate: new hashes use the newest, look-ups all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any

from stdnum.iso7064 import mod_11_2

from classifiers import names
from classifiers.entities import check_uscc
from hub import config
from hub.config import settings

HASHED = ("id_number", "phone", "payout_account", "license_no")
NAMES = ("legal_name", "shop_name")
_PRIVATE = ("id_number", "phone", "payout_account")  # never kept in clear
_FIELD_OF_HASH = {kind: f"{kind}_hash" for kind in HASHED}
_MASKED = re.compile(r"[*＊×]{2,}|[xX]{3,}")
_CLEAR_NUMBER = re.compile(rb'"(?:id_number|phone|payout_account)"')


@dataclass(frozen=True)
class Fact:
    """One identifier in a report. `also`: the same value under older keys, for look-ups."""

    kind: str
    value: str
    shown: str | None = None
    also: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        return self.kind == "uscc" or self.kind in HASHED


def facts(ref: dict[str, Any]) -> list[Fact]:
    """The identifiers in a report's ``subject`` as stored (see `hash_numbers`)."""
    found = []
    code = valid_uscc(ref.get("uscc"))
    if code:
        found.append(Fact("uscc", code, code))
    for kind, values in (ref.get("hashed") or {}).items():
        shown = ref.get("license_no") if kind == "license_no" else None
        found.append(Fact(kind, values[0], shown, tuple(values[1:])))
    for kind, told in (("legal_name", "merchant_name"), ("shop_name", "shop_name")):
        if ref.get(told) and names.plain(ref[told]):
            found.append(Fact(kind, names.plain(ref[told]), ref[told]))
    if ref.get("address") and names.address(ref["address"]):
        found.append(Fact("address", names.address(ref["address"]), ref["address"]))
    return found


def valid_uscc(code: str | None) -> str | None:
    """The credit code in its normal form, or None when its check characters are wrong."""
    normal = code.strip().upper() if code else ""
    return normal if normal and check_uscc(normal).ok else None


def hash_numbers(subject: dict[str, Any] | None, path: str) -> list[str]:
    """Replace a person's numbers in a report's ``subject`` by keyed hashes, in place.

    Returns warnings: an invalid number is dropped, one in clear is hashed and the platform is
    reminded to hash it itself. ``hashed`` maps a kind to hashes, newest key first;
    whatever a platform sent under that name itself is overwritten.
    """
    if subject is None:
        return []
    hashed, warnings = {}, []
    for kind in HASHED:
        joint = subject.pop(_FIELD_OF_HASH[kind], None)
        clear = subject.pop(kind, None) if kind in _PRIVATE else subject.get(kind)
        if clear and not joint:
            number = normal(kind, clear)
            if number is None:
                warnings.append(f"{path}.{kind}: cannot be one; dropped, not used for joining")
                continue
            joint = joint_hash(kind, number)
            if kind in _PRIVATE:
                warnings.append(f"{path}.{kind}: hashed here; better send {_FIELD_OF_HASH[kind]}")
        if joint:
            hashed[kind] = stored_hashes(kind, joint.lower())
    subject.pop("hashed", None)
    if hashed:
        subject["hashed"] = hashed
    return warnings


def has_clear_number(raw: bytes) -> bool:
    """Whether a message's bytes may hold a person's number in clear."""
    return _CLEAR_NUMBER.search(raw) is not None


def normal(kind: str, number: str) -> str | None:
    """A number in its normal form, or None for an invalid one: masked, too short, wrong digits."""
    text = names.plain(number).upper()
    if _MASKED.search(number):
        return None
    if kind == "phone":
        digits = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", text)
        return digits if re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|[48]00\d{7}", digits) else None
    if kind == "id_number":
        return text if _is_id_number(text) else None
    return text if len(text) >= 6 else None


def _is_id_number(text: str) -> bool:
    """Check character of a citizen's ID number by GB 11643 (ISO 7064, MOD 11-2). Birth date and
    place are not judged: a place's code may be older or younger than any table of them."""
    return re.fullmatch(r"\d{17}[\dX]", text, re.ASCII) is not None and mod_11_2.is_valid(text)


def joint_hash(kind: str, number: str) -> str:
    """The hash that a platform may send itself, of a number in its `normal` form."""
    return _hmac(settings().shared_salt, f"{kind}:{number}")


def stored_hashes(kind: str, joint: str) -> list[str]:
    """The hashes that the hub stores or looks up, one per key, newest first."""
    return [f"{_name(key)}:{_hmac(key, f'{kind}:{joint}')}" for key in settings().identity_keys]


def rotate_key() -> int:
    """Put a new identity key in front of those in the instance directory; how many there are.

    Processes read it when they restart. Raises ValueError when the environment sets the keys.
    """
    path = settings().instance / config.IDENTITY_KEYS
    if not path.exists():
        raise ValueError("HUB_IDENTITY_KEYS holds the keys; put a new one in front there")
    keys = [secrets.token_hex(32), *path.read_text().split()]
    fresh = path.with_suffix(".new")
    config.write_secret(fresh, "\n".join(keys))
    fresh.replace(path)
    return len(keys)


def _hmac(key: str, text: str) -> str:
    return hmac.digest(key.encode(), text.encode("utf-8", "replace"), "sha256").hex()


def _name(key: str) -> str:
    return hashlib.sha256(b"name of identity key\0" + key.encode()).hexdigest()[:6]
