"""A spreadsheet of reports taken on paper, between its preview and its import."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.base import Base, Created, Key, Moment
from models.states import AT_WORK, IMPORT_STEPS, ImportState, in_sql, step


class PaperImport(Base):
    """The file as it was uploaded: ``WAITING -> READ | REFUSED``; ``READ -> TAKING -> TAKEN``.

    ``done`` rows of the current step; ``checked`` is what was read, good rows and bad, as
    gzipped JSON; ``shown`` the first of them, for the preview.
    """

    __tablename__ = "paper_import"
    __table_args__ = (
        Index("ix_paper_import_due", "id", postgresql_where=text(f"state IN {in_sql(AT_WORK)}")),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]
    taken_at: Mapped[Moment | None]
    state: Mapped[str] = mapped_column(String(8), server_default=ImportState.WAITING)
    rows: Mapped[int] = mapped_column(server_default="0")
    good: Mapped[int] = mapped_column(server_default="0")
    bad: Mapped[int] = mapped_column(server_default="0")
    known: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    stored: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str | None] = mapped_column(Text)
    shown: Mapped[dict[str, Any] | None]
    checked: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    @validates("state")
    def _may_follow(self, _: str, new: str) -> str:
        return step(IMPORT_STEPS, self.state, new)
