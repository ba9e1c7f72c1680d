"""The deny-list 限制入驻名单: merchants barred from opening shops on any platform."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class DenyEntry(Base):
    """One merchant, barred by one decision. Entries end; they are never deleted.

    ``version`` is the list's version at the entry's last change: the list changed since a
    version n where an entry has a higher one, and the list's own version is the highest.
    """

    __tablename__ = "deny_entry"
    __table_args__ = (Index("ix_deny_entry_in_force", "merchant_id", "ended_at", "expires_at"),)

    id: Mapped[Key]
    version: Mapped[int] = mapped_column(BigInteger, unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[Created]
    expires_at: Mapped[Moment | None]  # None: until the decision ends
    ended_at: Mapped[Moment | None]
    ended_because: Mapped[str | None] = mapped_column(Text)
    # Of the latest appeal against the decision: FILED, STAYED, UPHELD, MODIFIED, OVERTURNED.
    appeal_state: Mapped[str | None] = mapped_column(String(10))


class DenyChange(Base):
    """A version of the list: one change of one entry.

    ``what``: entered, ended, appeal (``said`` is its state) or moved (to another merchant).
    """

    __tablename__ = "deny_change"

    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("deny_entry.id"), index=True)
    what: Mapped[str] = mapped_column(String(8))
    said: Mapped[str | None] = mapped_column(Text)
    at: Mapped[Created]


class DenyPull(Base):
    """A platform that fetched the list up to a version: the first and the last time."""

    __tablename__ = "deny_pull"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_at: Mapped[Created]
    last_at: Mapped[Created]
