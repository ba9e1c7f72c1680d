"""A decision 处理决定 and what it asks of each platform: orders 处置指令, appeals 申诉."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key, Moment
from models.case import Case
from models.platform import Platform


class Decision(Base):
    """``PROPOSED -> {APPROVED | REJECTED | WITHDRAWN}``; ``APPROVED -> REVOKED``."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "version"),
        # Nobody decides alone, whatever the code above says.
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> proposed_by_id", "four_eyes"),
        Index(
            "uq_decision_open",
            "case_id",
            unique=True,
            postgresql_where=text("state = 'PROPOSED'"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), server_default="PROPOSED")
    measures: Mapped[list[Any]]
    facts: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[Created]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[Moment | None]
    ended_because: Mapped[str | None] = mapped_column(Text)

    case: Mapped[Case] = relationship()
    orders: Mapped[list[Order]] = relationship(back_populates="decision", order_by="Order.id")


class Order(Base):
    """One decision version, one platform, one direction (penalty or its revocation).

    ``execution`` comes from the platform's signed answers alone:
    ``NONE -> ACKNOWLEDGED -> {EXECUTED | PARTIAL | ABSENT | REFUSED}``; for a penalty that was
    revoked also ``CANCELLED`` (before its effect) and ``REVERSED``.
    """

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint(
            "decision_id", "platform_id", "revokes_id", postgresql_nulls_not_distinct=True
        ),
        UniqueConstraint("platform_id", "seq"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    seq: Mapped[int]
    revokes_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"))
    body: Mapped[dict[str, Any]]
    execution: Mapped[str] = mapped_column(String(12), server_default="NONE")
    answer: Mapped[dict[str, Any] | None]
    answer_by: Mapped[Moment]
    acknowledged_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    created_at: Mapped[Created]

    decision: Mapped[Decision] = relationship(back_populates="orders")
    platform: Mapped[Platform] = relationship(lazy="joined", innerjoin=True)


class Appeal(Base):
    """A merchant's appeal, filed through its platform."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("platform_id", "external_id"),)

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), server_default="FILED")
    filed_at: Mapped[Created]
