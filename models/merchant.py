"""The merchant 当事人 of a violation: a merchant and its shops on the platforms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key

# Text to search by, one SQL expression each; the indexes are on exactly these expressions.
MERCHANT_SEARCH_TEXT = (
    "(((coalesce(name, '') || ' ') || coalesce(uscc, '')) || ' ') || coalesce(license_no, '')"
)
SHOP_SEARCH_TEXT = "(coalesce(name, '') || ' ') || shop_id"


class Merchant(Base):
    """One merchant. Its identities and their sources are in `models.identity`."""

    __tablename__ = "merchant"
    __table_args__ = (
        Index(
            "ix_merchant_grams", text(f"bigrams({MERCHANT_SEARCH_TEXT})"), postgresql_using="gin"
        ),
        Index("ix_merchant_region", "region", postgresql_ops={"region": "varchar_pattern_ops"}),
    )

    id: Mapped[Key]
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str | None]
    license_no: Mapped[str | None]
    address: Mapped[str | None]
    region: Mapped[str | None] = mapped_column(String(12))
    # The merchant it was joined into; the row stays.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    created_at: Mapped[Created]

    shops: Mapped[list[Shop]] = relationship(back_populates="merchant", order_by="Shop.id")


class Shop(Base):
    """A shop 店铺 of a merchant on one platform; identified by platform and shop id."""

    __tablename__ = "shop"
    __table_args__ = (
        UniqueConstraint("platform_id", "shop_id"),
        Index("ix_shop_grams", text(f"bigrams({SHOP_SEARCH_TEXT})"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), index=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    shop_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str | None]
    created_at: Mapped[Created]

    merchant: Mapped[Merchant] = relationship(back_populates="shops")
