"""Early warnings 苗头预警: counts of every case's reports, reported prices, warnings, day
counts."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment, Ref


class Pulse(Base):
    """Reports of one case from one platform that came in within one quarter of an hour."""

    __tablename__ = "pulse"
    __table_args__ = (
        # Covering index for each minute's sums.
        Index("ix_pulse_quarter", "quarter", postgresql_include=["case_id", "platform_id", "n"]),
    )

    case_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    quarter: Mapped[Moment] = mapped_column(DateTime(timezone=True), primary_key=True)
    platform_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


class PriceQuote(Base):
    """A price per unit of a product stated in a report, in yuan."""

    __tablename__ = "price_quote"
    __table_args__ = (
        UniqueConstraint("report_id", "product", "unit"),
        Index("ix_price_quote_product_at", "product", "unit", "at"),
    )

    id: Mapped[Key]
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    platform_id: Mapped[Ref]
    product: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(4))
    price: Mapped[float]
    at: Mapped[Moment]


class PriceBaseline(Base):
    """What a product cost on 19 January 2020, with the source: the guidance of 2020 measures
    gouging against that day."""

    __tablename__ = "price_baseline"
    __table_args__ = (UniqueConstraint("product", "unit"),)

    id: Mapped[Key]
    product: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(4))
    price: Mapped[float]
    source: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[Created]


class EarlyWarning(Base):
    """A surge 苗头 of one case's reports, or of one product's price; ``found`` holds the figures
    of the rule at that time. At most one is open for a case or product."""

    __tablename__ = "warning"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (product IS NULL)", "one_thing"),
        Index(
            "uq_warning_open_case",
            "case_id",
            unique=True,
            postgresql_where=text("acknowledged_at IS NULL AND case_id IS NOT NULL"),
        ),
        Index(
            "uq_warning_open_product",
            "product",
            "unit",
            unique=True,
            postgresql_where=text("acknowledged_at IS NULL AND product IS NOT NULL"),
        ),
        Index("ix_warning_case_id", "case_id"),
    )

    id: Mapped[Key]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    product: Mapped[str | None] = mapped_column(String(16))
    unit: Mapped[str | None] = mapped_column(String(4))
    found: Mapped[dict[str, Any]]
    raised_at: Mapped[Created]
    acknowledged_at: Mapped[Moment | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # The officer's verdict: the rule adapts to false alarms.
    false: Mapped[bool | None]
    note: Mapped[str | None] = mapped_column(Text)


class DayCount(Base):
    """Counted reports of one day in China, as of when the day was closed. ``type`` is a
    rumor's theme or a violation's type, ``province`` two digits of GB/T 2260; empty: not known.
    Each closed day has one row without platform and a count of 0."""

    __tablename__ = "day_count"

    day: Mapped[datetime.date] = mapped_column(Date, primary_key=True)
    platform_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(9), primary_key=True)
    type: Mapped[str] = mapped_column(String(32), primary_key=True)
    province: Mapped[str] = mapped_column(String(2), primary_key=True)
    n: Mapped[int]
