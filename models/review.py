"""Second review 复核: decisions drawn for a blind second answer, and golden cases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key, Moment
from models.case import Case


class ReviewRule(Base):
    """The share of decisions and dismissals that is drawn, and that of golden cases; the newest
    row holds."""

    __tablename__ = "review_rule"
    __table_args__ = (
        CheckConstraint("share BETWEEN 0 AND 1 AND golden_share BETWEEN 0 AND 1", "shares"),
    )

    id: Mapped[Key]
    share: Mapped[float]
    golden_share: Mapped[float]
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    why: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]


class GoldenCase(Base):
    """A decided case whose right answer a supervisor vouches for 标准案例."""

    __tablename__ = "golden_case"
    __table_args__ = (
        Index(
            "uq_golden_case_in_use",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    answer: Mapped[str] = mapped_column(String(32))
    why: Mapped[str] = mapped_column(Text)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]
    ended_at: Mapped[Moment | None]

    case: Mapped[Case] = relationship()


class Review(Base):
    """One case to be answered a second time, as of when `last_report_id` was its newest
    report.

    ``first`` is the answer that was given, or the right one of a golden case; the reviewer sees
    it after answering. ``settled_as`` of a disagreement: first, second, open.
    """

    __tablename__ = "review"
    __table_args__ = (
        # Nobody reviews their own work, enforced by the database as well.
        CheckConstraint(
            "reviewer_id IS NULL OR (reviewer_id <> first_by_id "
            "AND reviewer_id IS DISTINCT FROM approved_by_id)",
            "by_another",
        ),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", "answered"),
        Index("ix_review_open", "id", postgresql_where=text("answered_at IS NULL")),
        Index("ix_review_reviewer_id", "reviewer_id", "answered_at"),
        Index("ix_review_case_id", "case_id"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    golden_id: Mapped[int | None] = mapped_column(ForeignKey("golden_case.id"))
    first: Mapped[str] = mapped_column(String(32))
    first_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    last_report_id: Mapped[int] = mapped_column(BigInteger)
    assessment: Mapped[dict[str, Any]]
    drawn_at: Mapped[Created]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    taken_at: Mapped[Moment | None]
    answer: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[Moment | None]
    settled_as: Mapped[str | None] = mapped_column(String(6))
    settled_because: Mapped[str | None] = mapped_column(Text)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[Moment | None]

    case: Mapped[Case] = relationship()
    golden: Mapped[GoldenCase | None] = relationship()


class Recusal(Base):
    """An officer's recusal from a review 回避, with the reason. Deleted with the review."""

    __tablename__ = "review_recusal"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("review.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[Created]
