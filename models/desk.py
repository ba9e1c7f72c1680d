"""Officers' own records: saved views, and batches that can be undone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class SavedView(Base):
    """An officer's filters of the queue under a name 常用视图; ``query`` as in the address."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]


class Batch(Base):
    """Several cases dismissed or merged at once 批量处理; one undo reverts all of it.

    ``done``: one {"case", "version"} per case, with the version after the batch.
    """

    __tablename__ = "batch"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(String(8))
    done: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    undone_at: Mapped[Moment | None]
    made_at: Mapped[Created]
