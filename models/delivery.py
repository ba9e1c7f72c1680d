"""The outbox: messages to platforms, and every attempt to send them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment
from models.states import TO_SEND, DeliveryState, in_sql


class Delivery(Base):
    """``PENDING -> LEASED -> {DELIVERED | WAIT | BLOCKED}``; exhausted -> ``DEAD_LETTER``.

    The body is fixed when the row is written; only its signature is computed per attempt.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_due",
            "platform_id",
            "next_at",
            "id",
            postgresql_where=text(f"state IN {in_sql(TO_SEND)}"),
        ),
        Index(
            "ix_delivery_leased",
            "lease_until",
            postgresql_where=text(f"state = '{DeliveryState.LEASED}'"),
        ),
    )

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    webhook_id: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(32))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))

    state: Mapped[str] = mapped_column(String(12), server_default=DeliveryState.PENDING)
    epoch: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[Created]
    lease_until: Mapped[Moment | None]
    delivered_at: Mapped[Moment | None]
    created_at: Mapped[Created]


class Attempt(Base):
    """One delivery attempt 投递记录: the response, or the failure."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    number: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]
    reply: Mapped[str | None]
    milliseconds: Mapped[int]
    at: Mapped[Created]
