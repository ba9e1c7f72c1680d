"""A login session 会话: stored here, so that it can be listed and ended from elsewhere."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class LoginSession(Base):
    """The browser holds the token; only its SHA-256 is stored."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_user_id", "user_id", "seen_at"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(8))  # password or sso
    began_at: Mapped[Created]
    seen_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
