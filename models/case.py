"""A case 案件: what a person decides about. One line in the queue."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Date,
    Enum,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship, validates

from models import case_type
from models.base import Base, Created, Key, Moment
from models.case_type import CaseType, TypeSource
from models.merchant import Merchant
from models.states import CASE_STEPS, STAGES, CaseState, step

# The province that its leading text names first: two digits of GB/T 2260.
_REGION = "left(assessment #>> '{entities,places,0,value}', 2)"
_STAGE = (
    "CASE state "
    + " ".join(f"WHEN '{state}' THEN '{stage}'" for state, stage in STAGES.items())
    + " ELSE 'waiting' END"
)


# Stored as its value, not as the member's name.
_SOURCE = Enum(
    TypeSource, native_enum=False, length=8, values_callable=lambda kinds: [k.value for k in kinds]
)


class Case(Base):
    """Groups reports by claim (rumor) or by merchant and violation type (violation).

    ``version`` is compared and set at every change: of two officers acting at once, one wins
    and the other gets a conflict that says what changed.
    """

    __tablename__ = "case"
    __table_args__ = (
        # The tabs of the queue, by priority and by age.
        Index("ix_case_queue", "stage", text("priority DESC"), "id"),
        Index("ix_case_stage_id", "stage", "id"),
        Index("ix_case_opened_at", "opened_at"),
        Index(
            "ix_case_pressing",
            "id",
            postgresql_include=["pressing"],
            postgresql_where=text("pressing IS NOT NULL"),
        ),
        Index("ix_case_owner_id", "owner_id", postgresql_where=text("owner_id IS NOT NULL")),
        Index("ix_case_claim", "claim_id", postgresql_where=text("claim_id IS NOT NULL")),
        Index(
            "ix_case_merged_into",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_case_grams",
            text("bigrams(title)"),
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 128},
        ),
        # At most one live case per group; the loser of a race finds the winner's.
        Index(
            "uq_case_live_claim",
            "claim_id",
            "kind",
            unique=True,
            postgresql_where=text("live AND claim_id IS NOT NULL"),
        ),
        Index(
            "uq_case_live_merchant",
            "merchant_id",
            "violation",
            unique=True,
            postgresql_where=text("live AND merchant_id IS NOT NULL"),
        ),
        Index("ix_case_region", "region", postgresql_where=text("region IS NOT NULL")),
        Index("ix_case_merchant", "merchant_id", postgresql_where=text("merchant_id IS NOT NULL")),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(9))
    state: Mapped[str] = mapped_column(String(20), server_default=CaseState.OPEN)
    stage: Mapped[str] = mapped_column(String(9), Computed(_STAGE, persisted=True))
    # Takes new reports of its claim or merchant; false once dismissed, merged away or closed.
    live: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default="1")
    title: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    violation: Mapped[str | None] = mapped_column(String(32))
    violation_source: Mapped[TypeSource | None] = mapped_column(_SOURCE)
    violation_score: Mapped[float | None]
    # Its type of violation; none for a rumor. Write it whole, ask its columns only in queries.
    violation_type: Mapped[CaseType | None] = composite(
        "violation", "violation_source", "violation_score"
    )
    theme: Mapped[str | None] = mapped_column(String(32))
    theme_source: Mapped[TypeSource | None] = mapped_column(_SOURCE)
    theme_score: Mapped[float | None]
    theme_type: Mapped[CaseType | None] = composite("theme", "theme_source", "theme_score")
    assessment: Mapped[dict[str, Any]]
    region: Mapped[str | None] = mapped_column(String(2), Computed(_REGION, persisted=True))
    urgency: Mapped[float] = mapped_column(server_default="0")
    demand: Mapped[int] = mapped_column(server_default="0")
    # Reports per platform slug: {"jd": 3, "weidian": 1}.
    spread: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    # Those of them whose wording denies the rumor: counted, but they raise no priority.
    denied: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    # Weight of its reports in the priority, by their sources; 1 is neutral.
    trust: Mapped[float] = mapped_column(default=1.0, server_default="1")
    # Of the nearest running statutory term: "soon" or "overdue", else null.
    pressing: Mapped[str | None] = mapped_column(String(8))
    # Distinct reporters among its reports: {"people", "of", "about"}; see
    # cases.reporter_counts.
    reporters: Mapped[dict[str, Any] | None]
    # Many reports from few sources in the same words: {"copies", "sources", "since"}.
    flood: Mapped[dict[str, Any] | None]
    priority: Mapped[float] = mapped_column(server_default="0")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # Until when nobody else may take it; null with an owner: without a limit.
    owner_until: Mapped[Moment | None]
    # Not in the queue before this day in China.
    parked_until: Mapped[datetime.date | None] = mapped_column(Date)
    parked_because: Mapped[str | None] = mapped_column(Text)
    closed_because: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    opened_at: Mapped[Created]
    last_report_at: Mapped[Moment | None]

    merchant: Mapped[Merchant | None] = relationship()

    def read_as(self, assessment: dict[str, Any]) -> None:
        """Represent the case by the text of this assessment; what people decided stays."""
        self.assessment = assessment
        self.violation_type = case_type.reread(self.violation_type, assessment)
        self.theme_type = case_type.reread_theme(self.theme_type, assessment)

    @validates("state")
    def _may_follow(self, _: str, new: str) -> str:
        return step(CASE_STEPS, self.state, new)


class CaseTally(Base):
    """How many cases are in a tab of the queue: the sum of ``n``; a trigger inserts a row with
    every change. ``platform`` is a slug for cases it reported, empty for all."""

    __tablename__ = "case_tally"

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(9))
    stage: Mapped[str] = mapped_column(String(9))
    # Of those that wait.
    parked_until: Mapped[datetime.date | None] = mapped_column(Date)
    platform: Mapped[str] = mapped_column(String(32))
    n: Mapped[int]


class CaseRelation(Base):
    """Two cases that belong together 关联: a rumor and the merchant who profits from it."""

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
