"""The audit log 审计: each row names the hash of the row before it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class AuditEntry(Base):
    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_case_id_id", "case_id", "id"),
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_restored", "id", postgresql_where=text("action = 'restored'")),
    )

    id: Mapped[Key]
    at: Mapped[Moment]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    detail: Mapped[dict[str, Any]]
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    # How the hash is computed: 1 Python's sorted JSON (old rows), 2 RFC 8785.
    form: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))


class AuditCheckpoint(Base):
    """The chain was verified up to here; the next run verifies what came after."""

    __tablename__ = "audit_checkpoint"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Created]


class Viewing(Base):
    """Who asked to see whose data, and when 查阅记录. Outside the chain: pages must stay fast."""

    __tablename__ = "viewing"
    __table_args__ = (
        Index("ix_viewing_username_id", "username", "id"),
        # Views of disturbing content, counted for each officer.
        Index(
            "ix_viewing_care",
            "username",
            "at",
            postgresql_where=text("page IN ('care.shown', 'care.picture')"),
        ),
    )

    id: Mapped[Key]
    at: Mapped[Created]
    username: Mapped[str] = mapped_column(String(64))
    page: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
