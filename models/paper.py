"""A paper 文书 made from a case, stored as it was made."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key


class Paper(Base):
    """Numbered by kind and year without gaps: the number is assigned in the transaction
    that stores the paper."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("kind", "year", "number"),)

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    year: Mapped[int]
    number: Mapped[int]
    to: Mapped[str | None]  # the platform it is addressed to, by name
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[Created]
