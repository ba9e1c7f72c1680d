"""An officer of the hub 用户."""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment

ROLES = ("clerk", "handler", "approver", "auditor", "admin")


class User(Base):
    __tablename__ = "user"

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    # Raised at logout and password change: every older session of this user ends.
    session_epoch: Mapped[int] = mapped_column(server_default="0")
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[Moment | None]
    created_at: Mapped[Created]
