"""Labels from officers' decisions, models trained on them, and promotions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key


class Label(Base):
    """An officer's label of a case, with the machine's verdict.

    ``task``: rumor, theme or violation; ``value`` and ``said`` are codes of that task (``said``
    empty: the machine abstained). The newest label of a case and task holds.
    """

    __tablename__ = "label"
    __table_args__ = (
        Index("ix_label_task_created_at", "task", "created_at"),
        Index("ix_label_case_id", "case_id"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    task: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(32))
    said: Mapped[str] = mapped_column(String(32), server_default="")
    score: Mapped[float | None]
    model: Mapped[str] = mapped_column(String(64), server_default="")
    # Where the label came from: classify, approve, dismiss.
    via: Mapped[str] = mapped_column(String(10))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]


class TrainedModel(Base):
    """A challenger trained on this hub; its files are in the instance folder.

    ``digest`` is the sha256 of its manifest, so that a manifest forged together with its files
    is detected. ``comparison`` holds the figures of its evaluation.
    """

    __tablename__ = "trained_model"

    id: Mapped[Key]
    part: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    champion: Mapped[str] = mapped_column(String(64))
    comparison: Mapped[dict[str, Any]]
    created_at: Mapped[Created]


class Promotion(Base):
    """Who put which version of a part into use, and why; the newest row of a part holds.

    ``version`` empty: the one that ships with the program.
    """

    __tablename__ = "promotion"
    __table_args__ = (Index("ix_promotion_part_id", "part", "id"),)

    id: Mapped[Key]
    part: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(64), server_default="")
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]
