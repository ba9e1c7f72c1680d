"""Token buckets of the rate limits, one per name, shared by all web processes."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created


class Allowance(Base):
    """``name`` is ``door:<slug>``, ``read:<slug>``, ``events:<slug>`` or ``login:<address>``.

    ``granted`` is what the last draw got; ``tokens`` what was left.
    """

    __tablename__ = "allowance"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    tokens: Mapped[float]
    granted: Mapped[float]
    at: Mapped[Created]
