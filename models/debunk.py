"""A debunk 辟谣: the result of checking a claim. Evidence, never a decision."""

from __future__ import annotations

import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key

VERDICTS = ("谣言", "不实", "部分属实", "属实", "无法核实")


class Debunk(Base):
    """One checked claim. Its vectors and ``encoder`` are empty until a worker has encoded it.

    ``key`` names the source and its claim: the same record imported again is the same row.
    """

    __tablename__ = "debunk"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_debunk_encoder", "encoder", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(64))
    date: Mapped[datetime.date | None] = mapped_column(Date)
    claim: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(8))
    explanation: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    # The normalized claim, and the same with its explanation; a vector of each.
    text: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)
    embedding: Mapped[Any | None] = mapped_column(HALFVEC())
    told_embedding: Mapped[Any | None] = mapped_column(HALFVEC())
    encoder: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[Created]


class WordingDebunk(Base):
    """A debunk near a wording: their likeness, and whether it is so high that they are about one
    claim (``close``)."""

    __tablename__ = "wording_debunk"
    __table_args__ = (Index("ix_wording_debunk_debunk_id", "debunk_id"),)

    wording_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("wording.id"), primary_key=True, autoincrement=False
    )
    debunk_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("debunk.id"), primary_key=True, autoincrement=False
    )
    likeness: Mapped[float]
    close: Mapped[bool]
