"""Logins 会话: kept on the server, so that each can be seen and ended from another device.

Times are the database's: no web process with a wrong clock keeps a session alive.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from hub.database import changed
from models import LoginSession, User

LONGEST = 8 * 60  # minutes a session lasts
IDLE = 30  # minutes it lasts without a request
_WRITE_EVERY = 1  # minutes between two updates of seen_at
_KEPT_DAYS = 180  # ended sessions are kept


def begin(session: Session, user: User, device: str, address: str, by: str = "password") -> str:
    """A new session of `user`; returns the token for its browser."""
    token = secrets.token_urlsafe(32)
    old = func.now() - _interval(days=_KEPT_DAYS)
    session.execute(
        delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.seen_at < old)
    )
    session.add(
        LoginSession(
            user_id=user.id, token=_hash(token), device=device[:200], address=address[:64], by=by
        )
    )
    session.flush()
    return token


def holder(session: Session, token: str, seen: bool = True) -> tuple[User, LoginSession] | None:
    """The user and session of this token, while the session lives and the account is active.

    `seen`: a person did something; a page that refreshes itself does not count.
    """
    row = session.execute(
        select(User, LoginSession, LoginSession.seen_at < func.now() - _interval(_WRITE_EVERY))
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token == _hash(token), _alive(), User.active)
    ).first()
    if row is None:
        return None
    user, login, due = row
    if seen and due:
        note = update(LoginSession).where(LoginSession.id == login.id)
        session.execute(note.values(seen_at=func.now()), execution_options=_PAST)
    return user, login


def live(session: Session, user_id: int) -> list[LoginSession]:
    """Sessions of the user that have not ended, last seen first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id, _alive())
    return list(session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id)))


def end(session: Session, user_id: int, id_: int) -> bool:
    """End one session of the user; False when it has ended or is not the user's."""
    return _end(session, LoginSession.user_id == user_id, LoginSession.id == id_) == 1


def end_all(session: Session, user_id: int, but: int | None = None) -> int:
    """End every session of the user, or all but `but`; returns how many."""
    kept = LoginSession.id != but if but is not None else LoginSession.id.is_not(None)
    return _end(session, LoginSession.user_id == user_id, kept)


_PAST = {"synchronize_session": False}


def _end(session: Session, *which: ColumnElement[bool]) -> int:
    query = update(LoginSession).where(*which, LoginSession.ended_at.is_(None))
    return changed(session, query.values(ended_at=func.now()))


def _alive() -> ColumnElement[bool]:
    return (
        LoginSession.ended_at.is_(None)
        & (LoginSession.began_at > func.now() - _interval(LONGEST))
        & (LoginSession.seen_at > func.now() - _interval(IDLE))
    )


def _interval(minutes: int = 0, days: int = 0) -> ColumnElement[timedelta]:
    return func.make_interval(0, 0, 0, days, 0, minutes)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
