"""Identities of merchants, relations of pairs, conflicts, and lookups on platforms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Key, Moment
from models.merchant import Merchant, Shop
from models.platform import Platform
from models.states import ConflictState, LookupState


class Identity(Base):
    """One identifier of a merchant from one source: a code, a keyed hash, a name, an address.

    The source is a platform's shop, or a platform alone where the report named no shop; so a
    row follows its shop when a person joins or splits merchants.
    """

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint(
            "kind", "value", "platform_id", "shop_id", postgresql_nulls_not_distinct=True
        ),
        Index("ix_identity_merchant_id_kind", "merchant_id", "kind"),
        Index(
            "ix_identity_grams",
            text("bigrams(value)"),
            postgresql_using="gin",
            postgresql_where=text("kind IN ('legal_name', 'shop_name')"),
        ),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    kind: Mapped[str] = mapped_column(String(16))
    # Normalised, or the keyed hash; what is compared.
    value: Mapped[str] = mapped_column(String(200))
    # As the platform wrote it; None for values stored only as a hash.
    shown: Mapped[str | None] = mapped_column(Text)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"), index=True)
    # The last report with it; no foreign key, so that the hot path locks no report.
    report_id: Mapped[int | None] = mapped_column(BigInteger)
    first_seen: Mapped[Created]
    last_seen: Mapped[Created]

    platform: Mapped[Platform] = relationship(lazy="joined", innerjoin=True)
    shop: Mapped[Shop | None] = relationship()


class Clue(Base):
    """A weak key of a merchant, hashed to a number: of of name and address, name and region, sound.

    Two merchants that share one may be the same; it is suggested to a person.
    """

    __tablename__ = "merchant_clue"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    merchant_id: Mapped[int] = mapped_column(
        ForeignKey("merchant.id"), primary_key=True, autoincrement=False
    )

    __table_args__ = (Index("ix_merchant_clue_merchant_id", "merchant_id"),)


class MerchantPair(Base):
    """Two merchants: ``suggested`` to be one, ``joined`` into one, or kept ``apart`` by a person.

    ``a_id < b_id``. A person's decision stays; the machine neither suggests nor joins a pair
    that is apart.
    """

    __tablename__ = "merchant_pair"
    __table_args__ = (
        CheckConstraint("a_id < b_id", "ordered"),
        Index("ix_merchant_pair_b_id", "b_id"),
        Index("ix_merchant_pair_suggested", "at", postgresql_where=text("state = 'suggested'")),
    )

    a_id: Mapped[int] = mapped_column(
        ForeignKey("merchant.id"), primary_key=True, autoincrement=False
    )
    b_id: Mapped[int] = mapped_column(
        ForeignKey("merchant.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(10))
    # [{"kind": "name_address", "shown": "...", "value": "..."}]
    evidence: Mapped[list[Any]]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[Created]


class SharedValue(Base):
    """A value that too many merchants share (an agent's address, a market's phone).

    It joins nobody as long as ``stopped``; a person may let it join again, with a reason.
    """

    __tablename__ = "shared_value"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    stopped: Mapped[bool] = mapped_column(server_default=text("true"))
    holders: Mapped[int]
    since: Mapped[Created]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str | None] = mapped_column(Text)


class MerchantConflict(Base):
    """Contradicting statements of two sources; a person decides which holds."""

    __tablename__ = "merchant_conflict"
    __table_args__ = (
        Index("ix_merchant_conflict_merchant_id", "merchant_id"),
        Index(
            "uq_merchant_conflict_open",
            "merchant_id",
            "field",
            "value_a",
            "value_b",
            unique=True,
            postgresql_where=text(f"state = '{ConflictState.OPEN}'"),
        ),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    field: Mapped[str] = mapped_column(String(16))
    # The shop that shows another credit code than its merchant's.
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    value_a: Mapped[str] = mapped_column(String(200))
    shown_a: Mapped[str] = mapped_column(Text)
    platform_a_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    report_a_id: Mapped[int | None] = mapped_column(BigInteger)
    value_b: Mapped[str] = mapped_column(String(200))
    shown_b: Mapped[str] = mapped_column(Text)
    platform_b_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    report_b_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8), server_default=ConflictState.OPEN)
    kept: Mapped[str | None] = mapped_column(String(1))
    reason: Mapped[str | None] = mapped_column(Text)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[Created]
    resolved_at: Mapped[Moment | None]


class MerchantLookup(Base):
    """A lookup of a merchant on one platform 查找: ASKED, FOUND or ABSENT."""

    __tablename__ = "merchant_lookup"
    __table_args__ = (
        Index("ix_merchant_lookup_merchant_id_platform_id", "merchant_id", "platform_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(6), server_default=LookupState.ASKED)
    answer: Mapped[dict[str, Any] | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[Created]
    answered_at: Mapped[Moment | None]

    platform: Mapped[Platform] = relationship(lazy="joined", innerjoin=True)
    merchant: Mapped[Merchant] = relationship()
