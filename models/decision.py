"""A decision 处理决定, its orders 处置指令 to the platforms, and the platforms withheld from, with
reasons."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, Created, Key, Moment
from models.case import Case
from models.platform import Platform
from models.states import (
    DECISION_STEPS,
    IN_FORCE,
    NEVER_APPROVED,
    ORDER_STEPS,
    UNANSWERED,
    DecisionState,
    Effect,
    OrderExecution,
    in_sql,
    step,
)


class Decision(Base):
    """``PROPOSED -> {APPROVED | REJECTED | WITHDRAWN}``; what was approved may be ``STAYED`` while
    an appeal is heard, and ends ``REVOKED``, ``SUPERSEDED`` by a newer version or ``OVERTURNED``.

    ``effect`` is PENALTY, or OVERTURN: a version that only overturns the one before it.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "version"),
        Index("ix_decision_grams", text("bigrams(facts)"), postgresql_using="gin"),
        Index(
            "ix_decision_approved_at",
            "approved_at",
            postgresql_where=text("approved_at IS NOT NULL"),
        ),
        # Four eyes, enforced by the database as well.
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> proposed_by_id", "four_eyes"),
        CheckConstraint(
            f"state IN {in_sql(NEVER_APPROVED)} OR approved_by_id IS NOT NULL",
            "approved_by_somebody",
        ),
        Index(
            "uq_decision_open",
            "case_id",
            unique=True,
            postgresql_where=text(f"state = '{DecisionState.PROPOSED}'"),
        ),
        Index(
            "uq_decision_in_force",
            "case_id",
            unique=True,
            postgresql_where=text(f"state IN {in_sql(IN_FORCE)}"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), server_default=DecisionState.PROPOSED)
    measures: Mapped[list[Any]]
    facts: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(String(8), server_default=Effect.PENALTY)
    # Articles of law; what the facts rest on (never sent out); days a platform has to answer.
    grounds: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    evidence: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    answer_days: Mapped[int] = mapped_column(server_default="3")
    # Who may see it: {"level": own|named|all|departments|public, "platforms": [slugs]}.
    sharing: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("""'{"level": "all", "platforms": []}'::jsonb""")
    )
    catalogue: Mapped[str] = mapped_column(String(16), server_default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[Created]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[Moment | None]
    ended_because: Mapped[str | None] = mapped_column(Text)

    case: Mapped[Case] = relationship()
    orders: Mapped[list[Order]] = relationship(back_populates="decision", order_by="Order.id")

    @validates("state")
    def _may_follow(self, _: str, new: str) -> str:
        return step(DECISION_STEPS, self.state, new)


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
        # For the sweeper's reminders and escalations.
        Index(
            "ix_order_unanswered",
            "answer_by",
            postgresql_where=text(f"execution IN {in_sql(UNANSWERED)}"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    seq: Mapped[int]
    revokes_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"))
    # The order of an earlier version that ends with this one.
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    body: Mapped[dict[str, Any]]
    execution: Mapped[str] = mapped_column(String(12), server_default=OrderExecution.NONE)
    answer: Mapped[dict[str, Any] | None]
    answer_by: Mapped[Moment]
    acknowledged_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    # A platform that does not answer: reminded, then in a person's queue, then chased 催办.
    reminded_at: Mapped[Moment | None]
    escalated_at: Mapped[Moment | None]
    chased_at: Mapped[Moment | None]
    chased_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    chased_note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Created]

    decision: Mapped[Decision] = relationship(back_populates="orders")
    platform: Mapped[Platform] = relationship(lazy="joined", innerjoin=True)

    @validates("execution")
    def _may_follow(self, _: str, new: str) -> str:
        return step(ORDER_STEPS, self.execution, new)


class Withheld(Base):
    """A platform that got no order of a decision, and the reason.

    ``code``: sharing, inactive, incapable, lapsed. ``ended_at``: it got the order later.
    """

    __tablename__ = "withheld"
    __table_args__ = (UniqueConstraint("decision_id", "platform_id"),)

    id: Mapped[Key]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    code: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
