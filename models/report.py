"""A report 举报 as one platform forwarded it, in every version it sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key, Moment, Ref
from models.platform import Platform
from models.states import ReportState


class Report(Base):
    """``RECEIVED -> PROCESSING -> {MERGED | TRIAGE}``; five failures -> ``QUARANTINED``.

    TRIAGE opened a case, MERGED joined one. SUPERSEDED: the platform sent a newer version.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("platform_id", "external_id", "version"),
        Index(
            "ix_report_due", "next_at", postgresql_where=text(f"state = '{ReportState.RECEIVED}'")
        ),
        Index(
            "ix_report_leased",
            "lease_until",
            postgresql_where=text(f"state = '{ReportState.PROCESSING}'"),
        ),
        # Partial, so that intake, where both are still empty, does not pay for them.
        Index("ix_report_case", "case_id", "id", postgresql_where=text("case_id IS NOT NULL")),
        Index("ix_report_arrived", "received_at", postgresql_where=text("case_id IS NOT NULL")),
        Index(
            "ix_report_case_received",
            "case_id",
            "received_at",
            # Covering index: pages count thousands of reports without reading their rows.
            postgresql_include=["id", "state", "wording_id", "platform_id", "region"],
            postgresql_where=text("case_id IS NOT NULL"),
        ),
        Index(
            "ix_report_wording",
            "wording_id",
            "case_id",
            text(f"(state = '{ReportState.SUPERSEDED}')"),
            "id",
            postgresql_where=text("wording_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    # No foreign key: the message has it, and locking one platform's row once more for every
    # report of a burst costs intake time.
    platform_id: Mapped[Ref]
    external_id: Mapped[str] = mapped_column(String(128))
    version: Mapped[int] = mapped_column(default=1)
    message_id: Mapped[int] = mapped_column(ForeignKey("inbound_message.id"))
    kind: Mapped[str] = mapped_column(String(9))
    reported_at: Mapped[Moment]
    # Everything the platform sent, after validation; `text` is what is matched and shown.
    payload: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    # The merchant's province as reported: two digits of GB/T 2260.
    region: Mapped[str | None] = mapped_column(
        String(2), Computed("left(payload #>> '{subject,region}', 2)", persisted=True)
    )

    state: Mapped[str] = mapped_column(String(12), server_default=ReportState.RECEIVED)
    epoch: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None]
    next_at: Mapped[Created]
    lease_until: Mapped[Moment | None]

    wording_id: Mapped[int | None] = mapped_column(ForeignKey("wording.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    # Its case before a person merged that case into another; needed for undoing.
    merged_from_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    received_at: Mapped[Created]
    settled_at: Mapped[Moment | None]

    platform: Mapped[Platform] = relationship(
        lazy="joined",
        innerjoin=True,
        viewonly=True,
        primaryjoin="foreign(Report.platform_id) == Platform.id",
    )
