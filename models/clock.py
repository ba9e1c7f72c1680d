"""A statutory clock 法定期限 that runs, or ran, on a case."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class Clock(Base):
    """Days are days in China. `due_on` follows from the rule in force on `started_on`, the
    extension that another person approved, and the days it was paused for testing."""

    __tablename__ = "clock"
    __table_args__ = (
        # At most one clock of a kind runs on a case.
        Index(
            "uq_clock_running",
            "case_id",
            "rule",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_clock_case", "case_id"),
        Index("ix_clock_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_clock_due", "due_on", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    rule: Mapped[str] = mapped_column(String(16))
    started_on: Mapped[datetime.date] = mapped_column(Date)
    due_on: Mapped[datetime.date] = mapped_column(Date)
    # Requested: {"reason", "by"}; approved: {"reason", "by", "approved_by", "days"}.
    extension: Mapped[dict[str, Any] | None]
    stopped_on: Mapped[datetime.date | None] = mapped_column(Date)
    stopped_because: Mapped[str | None] = mapped_column(Text)
    stopped_days: Mapped[int] = mapped_column(server_default="0")
    # The nearness that was last reported: "soon" or "overdue", so that nothing is reported twice.
    told: Mapped[str | None] = mapped_column(String(8))
    ended_at: Mapped[Moment | None]
    ended_because: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[Created]
