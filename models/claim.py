"""A claim 传言: one rumor, in every wording it was reported in."""

from __future__ import annotations

from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key


class Claim(Base):
    """A group of wordings with the same content.

    Its centre is the wording it was opened with, or the first that spreads the rumor where that
    one denies it.
    """

    __tablename__ = "claim"

    id: Mapped[Key]
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("wording.id", use_alter=True))
    # Set when a person merged this claim into another; wordings then point to that one.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    created_at: Mapped[Created]


class Wording(Base):
    """One distinct normalised text. Copies of it are reports, not wordings.

    ``embedding`` has no fixed width, so that another encoder may be named in the settings;
    the index is made per encoder width.
    """

    __tablename__ = "wording"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_wording_claim_id", "claim_id", "id"),
        Index("ix_wording_grams", text("bigrams(text)"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    # Its claim before a person merged that claim into another.
    merged_from_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    key: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    embedding: Mapped[Any] = mapped_column(HALFVEC())
    # The wording it nearly copies, whose vector it reuses; null where the vector is its own.
    vector_of_id: Mapped[int | None] = mapped_column(ForeignKey("wording.id"))
    encoder: Mapped[str] = mapped_column(String(64))
    assessment: Mapped[dict[str, Any]]
    created_at: Mapped[Created]


class WordingBand(Base):
    """One MinHash band of a wording; texts that share a band are near-duplicate candidates."""

    __tablename__ = "wording_band"

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wording.id"), primary_key=True)


class Link(Base):
    """Why a wording belongs to a claim, or might: method, model and score, or a person.

    ``status``: joined, suggested, dismissed (a person refused; never suggested again).
    """

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("wording_id", "claim_id"),
        Index("ix_link_claim_id_status", "claim_id", "status"),
    )

    id: Mapped[Key]
    wording_id: Mapped[int] = mapped_column(ForeignKey("wording.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))
    near_wording_id: Mapped[int | None] = mapped_column(ForeignKey("wording.id"))
    status: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(12))
    score: Mapped[float]
    model: Mapped[str] = mapped_column(String(64))
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]
