"""A case 案件: what a person decides about. One line in the queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key, Moment
from models.subject import Subject


class Case(Base):
    """Groups reports by claim (rumor) or by merchant and violation type (violation).

    ``version`` is compared and set at every change: of two officers acting at once, one wins
    and the other is told what changed.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_queue", "state", text("priority DESC"), "id"),
        # At most one live case per group; the loser of a race finds the winner.
        Index(
            "uq_case_live_claim",
            "claim_id",
            "kind",
            unique=True,
            postgresql_where=text("live AND claim_id IS NOT NULL"),
        ),
        Index(
            "uq_case_live_subject",
            "subject_id",
            "violation",
            unique=True,
            postgresql_where=text("live AND subject_id IS NOT NULL"),
        ),
        Index("ix_case_subject", "subject_id", postgresql_where=text("subject_id IS NOT NULL")),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(9))
    state: Mapped[str] = mapped_column(String(20), server_default="OPEN")
    # Takes new reports of its claim or merchant; false once dismissed, merged away or closed.
    live: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default="1")
    title: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    violation: Mapped[str | None] = mapped_column(String(32))
    theme: Mapped[str | None] = mapped_column(String(32))
    assessment: Mapped[dict[str, Any]]
    urgency: Mapped[float] = mapped_column(server_default="0")
    demand: Mapped[int] = mapped_column(server_default="0")
    # Reports per platform slug: {"jd": 3, "weidian": 1}.
    spread: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    # Those of them whose wording denies the rumor: counted, but they raise no priority.
    denied: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    priority: Mapped[float] = mapped_column(server_default="0")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_because: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    opened_at: Mapped[Created]
    last_report_at: Mapped[Moment | None]

    subject: Mapped[Subject | None] = relationship()


class CaseRelation(Base):
    """Two cases that are one matter 关联: a rumor and the merchant who profits from it."""

    __tablename__ = "case_relation"
    __table_args__ = (
        UniqueConstraint("rumor_id", "violation_id"),
        CheckConstraint("rumor_id <> violation_id", "two_cases"),
    )

    id: Mapped[Key]
    rumor_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    violation_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    related_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
