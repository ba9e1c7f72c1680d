"""How a source's earlier reports turned out 可信度: of one reporter, or of a platform."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Moment


class Standing(Base):
    """``source`` is the SHA-256 of the platform's reference of a reporter, or empty for the
    platform as a whole. The counts are decayed: an old outcome weighs less."""

    __tablename__ = "standing"

    platform_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("platform.id"), primary_key=True, autoincrement=False
    )
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    confirmed: Mapped[float]
    dismissed: Mapped[float]
    reckoned_at: Mapped[Created]
    # What the trust round started at ``next_at`` has counted so far.
    next_confirmed: Mapped[float] = mapped_column(server_default="0")
    next_dismissed: Mapped[float] = mapped_column(server_default="0")
    next_at: Mapped[Moment | None]


class Weighing(Base):
    """Progress of the trust round (see cases.trust_rounds); one row."""

    __tablename__ = "weighing"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phase: Mapped[str] = mapped_column(String(5), server_default="rest")
    at: Mapped[Moment | None]
    after: Mapped[int] = mapped_column(BigInteger, server_default="0")
    kept: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
