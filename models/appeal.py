"""An appeal 申诉 of a merchant, filed through its platform, and its outcome."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.base import Base, Created, Key, Moment
from models.states import APPEAL_STEPS, UNSETTLED, AppealState, in_sql, step


class Appeal(Base):
    """``FILED -> {STAYED} -> {UPHELD | MODIFIED | OVERTURNED}``.

    ``outcome_id`` is the decision version proposed in answer to it; the appeal is settled when
    a second person approves that.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("platform_id", "external_id"),
        CheckConstraint(
            f"state IN {in_sql(UNSETTLED)} OR decided_by_id IS NOT NULL", "by_a_person"
        ),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), server_default=AppealState.FILED)
    filed_at: Mapped[Created]
    stayed_at: Mapped[Moment | None]
    stayed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[Moment | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_because: Mapped[str | None] = mapped_column(Text)
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))

    @validates("state")
    def _may_follow(self, _: str, new: str) -> str:
        return step(APPEAL_STEPS, self.state, new)
