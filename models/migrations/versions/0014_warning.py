"""Early warning: pulse of cases, reported prices, warnings"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True)


def _moment(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)


def _refers(name: str, to: str, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{to}.id"), nullable=null)


def upgrade() -> None:
    now = sa.text("now()")
    op.create_index(
        "ix_report_arrived",
        "report",
        ["received_at"],
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_table(
        "pulse",
        _refers("case_id", "case"),
        _moment("quarter", nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "quarter", "platform_id"),
    )
    op.create_index("ix_pulse_quarter", "pulse", ["quarter"])
    op.create_table(
        "price_quote",
        _id(),
        _refers("report_id", "report"),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(4), nullable=False),
        sa.Column("price", sa.Float(), nullable=False),
        _moment("at", nullable=False),
        sa.UniqueConstraint("report_id", "product", "unit"),
    )
    op.create_index("ix_price_quote_product_at", "price_quote", ["product", "unit", "at"])
    op.create_table(
        "price_baseline",
        _id(),
        sa.Column("product", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(4), nullable=False),
        sa.Column("price", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        _refers("by_id", "user"),
        _moment("created_at", server_default=now, nullable=False),
        sa.UniqueConstraint("product", "unit"),
    )
    op.create_table(
        "day_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "platform_id", "kind", "type", "province"),
    )
    _warnings(now)


def _warnings(now: sa.TextClause) -> None:
    op.create_table(
        "warning",
        _id(),
        _refers("case_id", "case", null=True),
        sa.Column("product", sa.String(16)),
        sa.Column("unit", sa.String(4)),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        _moment("raised_at", server_default=now, nullable=False),
        _moment("acknowledged_at"),
        _refers("acknowledged_by_id", "user", null=True),
        sa.Column("false", sa.Boolean()),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint("(case_id IS NULL) <> (product IS NULL)", "one_thing"),
    )
    for name, columns, what in (
        ("uq_warning_open_case", ["case_id"], "case_id"),
        ("uq_warning_open_product", ["product", "unit"], "product"),
    ):
        op.create_index(
            name,
            "warning",
            columns,
            unique=True,
            postgresql_where=sa.text(f"acknowledged_at IS NULL AND {what} IS NOT NULL"),
        )
    op.create_index("ix_warning_case_id", "warning", ["case_id"])


def downgrade() -> None:
    for table in ("day_count", "warning", "price_baseline", "price_quote", "pulse"):
        op.drop_table(table)
    op.drop_index("ix_report_arrived", "report")
