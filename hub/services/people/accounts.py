"""People's accounts: passwords by argon2, lockout, roles."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.services.people import passwords, sessions
from models import ENGINEER, ROLES, Platform, User

_hasher = PasswordHasher()
# Verified when the name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_hex(16))
MAX_FAILURES = 5
LOCK_MINUTES = 10


def create(session: Session, username: str, name: str, role: str, password: str) -> User:
    """A new officer. Raises ValueError for a bad role, a weak password or a taken name."""
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}")
    return _add(session, username, name, role, password)


def create_engineer(
    session: Session, username: str, name: str, platform: Platform, password: str
) -> User:
    """A new login for an engineer of `platform`. Raises ValueError as `create` does."""
    return _add(session, username, name, ENGINEER, password, platform.id)


def _add(
    session: Session,
    username: str,
    name: str,
    role: str,
    password: str,
    platform_id: int | None = None,
) -> User:
    passwords.check(password, username)
    if session.scalar(select(User.id).where(User.username == username)):
        raise ValueError(f"the username {username!r} is taken")
    user = User(
        username=username,
        name=name,
        role=role,
        password_hash=_hasher.hash(password),
        platform_id=platform_id,
    )
    session.add(user)
    session.flush()
    return user


def authenticate(session: Session, username: str, password: str) -> User | None:
    """The officer, or None for a wrong name or password, an inactive or locked account.

    Five failures in a row lock the account for ten minutes. Which of these it was is not disclosed.
    """
    user = session.scalar(select(User).where(User.username == username).with_for_update(**CHANGING))
    right = _verify(user.password_hash if user else _NOBODY, password)
    if user is None or not user.active:
        return None
    now = session.scalars(select(func.now())).one()
    if user.locked_until and user.locked_until > now:
        return None
    if not right:
        user.failed_logins += 1
        if user.failed_logins >= MAX_FAILURES:
            user.failed_logins = 0
            user.locked_until = func.now() + func.make_interval(0, 0, 0, 0, 0, LOCK_MINUTES)
        return None
    user.failed_logins, user.locked_until = 0, None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def by_subject(session: Session, subject: str) -> User | None:
    """The account in use that is registered for this subject of the identity provider."""
    return session.scalar(select(User).where(User.subject == subject, User.active))


def set_subject(session: Session, user: User, subject: str) -> None:
    """Register who the user is to the identity provider; empty: nobody. Sessions end.
    Raises ValueError when another account has it."""
    wanted = subject.strip()[:255] or None
    taken = select(User.id).where(User.subject == wanted, User.id != user.id)
    if wanted and session.scalar(taken):
        raise ValueError("another account has this subject")
    user.subject = wanted
    sessions.end_all(session, user.id)


def set_password(session: Session, user: User, password: str, keep: int | None = None) -> None:
    """Change a password; every session of the user ends, but for `keep`. Raises WeakPassword."""
    passwords.check(password, user.username)
    user.password_hash = _hasher.hash(password)
    sessions.end_all(session, user.id, but=keep)


def set_active(session: Session, user: User, active: bool) -> None:
    """Close or reopen an account; its sessions end."""
    user.active = active
    sessions.end_all(session, user.id)


def set_role(session: Session, user: User, role: str) -> None:
    """Give an officer another role; sessions end, so that nothing of the old role is left.
    Raises ValueError for an unknown role and for engineers, who belong to a platform."""
    if role not in ROLES or user.role == ENGINEER:
        raise ValueError(f"{user.role} cannot become {role}")
    user.role = role
    sessions.end_all(session, user.id)


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
