"""Limits, anchors, backups"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _key() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at() -> sa.Column[Any]:
    now = sa.text("now()")
    return sa.Column("at", sa.DateTime(timezone=True), server_default=now, nullable=False)


def upgrade() -> None:
    for name, default in (("rate", "100"), ("burst", "250000")):
        column = sa.Column(name, sa.Float(), server_default=sa.text(default), nullable=False)
        op.add_column("platform", column)
    form = sa.Column("form", sa.SmallInteger(), server_default=sa.text("1"), nullable=False)
    op.add_column("audit_entry", form)
    restored = sa.text("action = 'restored'")
    op.create_index("ix_audit_entry_restored", "audit_entry", ["id"], postgresql_where=restored)
    op.create_table(
        "allowance",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("granted", sa.Float(), nullable=False),
        _at(),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_allowance")),
    )
    op.create_table(
        "audit_checkpoint",
        _key(),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        _at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "viewing",
        _key(),
        _at(),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
    )
    op.create_index("ix_viewing_username_id", "viewing", ["username", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("viewing")
    op.drop_table("audit_checkpoint")
    op.drop_table("allowance")
    op.drop_index("ix_audit_entry_restored", table_name="audit_entry")
    op.drop_column("audit_entry", "form")
    op.drop_column("platform", "burst")
    op.drop_column("platform", "rate")
