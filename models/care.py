"""Care for officers 关怀: marks of disturbing content, and each officer's preferences."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class CareMark(Base):
    """A case, or one report of it, that an officer marked as disturbing 令人不适."""

    __tablename__ = "care_mark"
    __table_args__ = (
        Index(
            "uq_care_mark_in_use",
            "case_id",
            "report_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))  # None: all of the case
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]
    ended_at: Mapped[Moment | None]


class CareWish(Base):
    """An officer's preferences for disturbing content; without a row the defaults apply."""

    __tablename__ = "care_wish"
    __table_args__ = (
        CheckConstraint("pictures IN ('blur', 'show')", "pictures"),
        CheckConstraint("marked IN ('veil', 'show')", "marked"),
        CheckConstraint("hint_after BETWEEN 1 AND 1000", "hint_after"),
    )

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user.id"), primary_key=True, autoincrement=False
    )
    pictures: Mapped[str] = mapped_column(String(4), default="blur", server_default="blur")
    marked: Mapped[str] = mapped_column(String(4), default="veil", server_default="veil")
    hint_after: Mapped[int] = mapped_column(default=20, server_default="20")
