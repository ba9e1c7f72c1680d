"""The second factor 动态码 of an officer: TOTP (RFC 6238), backup codes, and their limits.

A code can be used once, wrong ones lock the factor for a while, and a secret is in force only
after its owner has entered a code made from it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode

import pyotp
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.config import settings
from hub.locks import CHANGING
from hub.services.platforms import keys
from models import SecondFactor, User

WINDOW = 1  # steps of 30 s a clock may be off, either way
MAX_FAILURES = 5
LOCK_MINUTES = 10
BACKUP_CODES = 10


def begin(session: Session, user: User, secret: str | None = None) -> str:
    """A new secret for the user, not in force until confirmed; the old one ends. Returns it."""
    secret = secret or pyotp.random_base32()
    factor = _locked(session, user.id) or SecondFactor(user_id=user.id)
    factor.sealed, factor.confirmed_at = keys.seal(secret), None
    factor.backup, factor.last_step = [], 0
    session.add(factor)
    session.flush()
    return secret


def address(session: Session, user: User) -> str | None:
    """The otpauth:// address of a secret that waits to be confirmed, for the QR code."""
    factor = session.get(SecondFactor, user.id)
    if factor is None or factor.confirmed_at:
        return None
    totp = pyotp.TOTP(keys.unseal(factor.sealed))
    return totp.provisioning_uri(name=user.username, issuer_name=settings().issuer)


def confirm(session: Session, user: User, code: str) -> list[str] | None:
    """Put the secret in force if the code is right. Returns backup codes, shown this once,
    or None for a wrong code."""
    factor = _locked(session, user.id)
    if factor is None or factor.confirmed_at or not _takes(session, factor, code):
        return None
    factor.confirmed_at = func.now()
    return new_backup_codes(session, user)


def known(session: Session, user: User, secret: str) -> None:
    """Put a publicly known secret in force: for the demo's officers."""
    begin(session, user, secret)
    session.get_one(SecondFactor, user.id).confirmed_at = func.now()


def new_backup_codes(session: Session, user: User) -> list[str]:
    """Fresh backup codes; the old ones end. Only their hashes are kept."""
    codes = [_backup_code() for _ in range(BACKUP_CODES)]
    session.get_one(SecondFactor, user.id).backup = [_hash(code) for code in codes]
    session.flush()
    return codes


def enrolled(session: Session, user_id: int) -> bool:
    """Whether the officer has a second factor in force."""
    query = select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id)
    return session.scalar(query) is not None


def check(session: Session, user_id: int, code: str) -> bool:
    """Whether the code is valid; it can be used once. The caller has to commit after a failure
    too, because failures are counted."""
    factor = _locked(session, user_id)
    return factor is not None and bool(factor.confirmed_at) and _takes(session, factor, code)


def reset(session: Session, user: User) -> bool:
    """Remove the factor when its owner has lost it; False when there was none."""
    factor = _locked(session, user.id)
    if factor is None:
        return False
    session.delete(factor)
    return True


def _locked(session: Session, user_id: int) -> SecondFactor | None:
    query = select(SecondFactor).where(SecondFactor.user_id == user_id)
    return session.scalar(
        query.with_for_update(**CHANGING).execution_options(populate_existing=True)
    )


def _takes(session: Session, factor: SecondFactor, code: str) -> bool:
    now = session.scalars(select(func.now())).one()
    if factor.locked_until and factor.locked_until > now:
        return False
    code = "".join(code.split()).replace("-", "").lower()
    if _is_next(factor, code, int(now.timestamp())) or _is_backup(factor, code):
        factor.failures, factor.locked_until = 0, None
        return True
    factor.failures += 1
    if factor.failures >= MAX_FAILURES:
        factor.failures = 0
        factor.locked_until = func.now() + func.make_interval(0, 0, 0, 0, 0, LOCK_MINUTES)
    return False


def _is_next(factor: SecondFactor, code: str, now: int) -> bool:
    """Whether it is the code of a step near now and after the last one used."""
    totp = pyotp.TOTP(keys.unseal(factor.sealed))
    here = now // totp.interval
    for step in range(here - WINDOW, here + WINDOW + 1):
        expected = totp.generate_otp(step)
        if hmac.compare_digest(expected.encode(), code.encode()) and step > factor.last_step:
            factor.last_step = step
            return True
    return False


def _is_backup(factor: SecondFactor, code: str) -> bool:
    if (found := _hash(code)) not in factor.backup:
        return False
    factor.backup = [kept for kept in factor.backup if kept != found]
    return True


def _backup_code() -> str:
    text = b32encode(secrets.token_bytes(10)).decode().lower()  # 80 bits: a plain hash suffices
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def _hash(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()
