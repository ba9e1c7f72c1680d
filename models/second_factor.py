"""An officer's second factor 动态码: a TOTP secret and backup codes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Moment


class SecondFactor(Base):
    """The secret is encrypted; of backup codes only hashes are stored, and used ones removed.

    ``last_step`` is the time step of the last accepted code: earlier ones are refused.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user.id"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[Moment | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    backup: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    failures: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[Moment | None]
    created_at: Mapped[Created]
