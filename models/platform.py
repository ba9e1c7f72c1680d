"""A participating platform 平台 and its keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class Platform(Base):
    __tablename__ = "platform"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str]
    endpoint: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    # Why nothing is sent (the endpoint answered 410, or a person paused it).
    paused_because: Mapped[str | None]
    # "v1a" Ed25519, or "v1" HMAC on request.
    signature_scheme: Mapped[str] = mapped_column(String(3), default="v1a")
    # Last sequence number assigned; the row lock keeps numbers in commit order.
    last_seq: Mapped[int] = mapped_column(default=0)
    # Consecutive failed attempts: a failing endpoint is tried one delivery at a time.
    failures: Mapped[int] = mapped_column(default=0)
    # Its rate limit: sustained per second, and `burst` at once. The defaults let one platform
    # alone send ten times the nation's average for an hour.
    rate: Mapped[float] = mapped_column(server_default=text("100"))
    burst: Mapped[float] = mapped_column(server_default=text("250000"))
    # commerce 电商, content 内容, payment 支付: which measures make sense there.
    kind: Mapped[str] = mapped_column(String(16), server_default="commerce")
    # Codes of the measures it can carry out, as it declared; None: not declared, so any.
    capabilities: Mapped[list[Any] | None]
    capabilities_at: Mapped[Moment | None]
    # When it had got all orders in force; None: it is new and still has to get them.
    caught_up_at: Mapped[Moment | None]
    created_at: Mapped[Created]


class PlatformKey(Base):
    """One key of one platform.

    ``purpose``: inbound_hmac, inbound_ed25519 (what the platform signs with), outbound_ed25519,
    outbound_hmac (what the hub signs with), bearer (read side; only its hash is kept).
    Secrets are encrypted with the hub's master key; ``public`` may be shown.
    """

    __tablename__ = "platform_key"
    __table_args__ = (Index("ix_platform_key_platform_id_purpose", "platform_id", "purpose"),)

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    public: Mapped[str | None]
    valid_until: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    created_at: Mapped[Created]
