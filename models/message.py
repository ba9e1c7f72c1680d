"""Inbound messages, byte for byte, and security events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Ref


class InboundMessage(Base):
    """A signed message 来文. Raw bytes never change; the response is stored to be repeated."""

    __tablename__ = "inbound_message"
    __table_args__ = (UniqueConstraint("platform_id", "webhook_id"),)

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    webhook_id: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    # The raw bytes contain personal numbers and are encrypted; `sha256` is that of the plain ones.
    sealed: Mapped[bool] = mapped_column(server_default=text("false"))
    headers: Mapped[dict[str, Any]]
    # No foreign key, as in Report: keys are never deleted.
    key_id: Mapped[Ref]
    type: Mapped[str | None] = mapped_column(String(32))
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    # HTTP status and body answered the first time, repeated for a repeated message.
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    received_at: Mapped[Created]


class SecurityEvent(Base):
    """Something that should not happen: a forged signature, an id used for other bytes."""

    __tablename__ = "security_event"

    id: Mapped[Key]
    platform_slug: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]]
    at: Mapped[Created]
