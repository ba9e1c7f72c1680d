"""How a source's earlier reports turned out 可信度: of one reporter, or of a platform."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created


class Standing(Base):
    """``source`` is the SHA-256 of the platform's reference of a reporter, or empty for the
    platform as a whole. The counts are decayed: an old outcome weighs less."""

    __tablename__ = "standing"

    platform_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("platform.id"), primary_key=True, autoincrement=False
    )
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    confirmed: Mapped[float]
    dismissed: Mapped[float]
    reckoned_at: Mapped[Created]
