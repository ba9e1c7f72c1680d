"""A spreadsheet of reports taken on paper, between its preview and its import."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment


class PaperImport(Base):
    """The file as it was uploaded; ``taken_at`` when a person said yes to its preview."""

    __tablename__ = "paper_import"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]
    taken_at: Mapped[Moment | None]
