"""A notice 提醒 to people, on its way through one channel."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class Notice(Base):
    """Written in the transaction that it reports, one row per channel; sent at least once."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due", "next_at", postgresql_where=text("ended_at IS NULL")),)

    id: Mapped[Key]
    channel: Mapped[str] = mapped_column(String(8))
    title: Mapped[str]
    lines: Mapped[list[Any]]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[Created]
    error: Mapped[str | None]
    # When it was sent, or given up with an `error`.
    ended_at: Mapped[Moment | None]
    created_at: Mapped[Created]
