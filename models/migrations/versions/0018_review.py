"""Second review: draws, golden cases, shares"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    now = sa.text("now()")
    op.create_table(
        "review_rule",
        _id(),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("golden_share", sa.Float(), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        _moment("created_at", server_default=now, nullable=False),
        sa.CheckConstraint(
            "share BETWEEN 0 AND 1 AND golden_share BETWEEN 0 AND 1",
            name=op.f("ck_review_rule_shares"),
        ),
        _of("review_rule", "by_user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_rule")),
    )
    op.create_table(
        "golden_case",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        _moment("created_at", server_default=now, nullable=False),
        _moment("ended_at"),
        _of("golden_case", "case_id", "case"),
        _of("golden_case", "by_user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_case")),
    )
    op.create_index(
        "uq_golden_case_in_use", "golden_case", ["case_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "review",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger()),
        sa.Column("golden_id", sa.BigInteger()),
        sa.Column("first", sa.String(length=32), nullable=False),
        sa.Column("first_by_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger()),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("assessment", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _moment("drawn_at", server_default=now, nullable=False),
        sa.Column("reviewer_id", sa.BigInteger()),
        _moment("taken_at"),
        sa.Column("answer", sa.String(length=32)),
        sa.Column("note", sa.Text()),
        _moment("answered_at"),
        sa.Column("settled_as", sa.String(length=6)),
        sa.Column("settled_because", sa.Text()),
        sa.Column("settled_by_id", sa.BigInteger()),
        _moment("settled_at"),
        sa.CheckConstraint(
            "reviewer_id IS NULL OR (reviewer_id <> first_by_id "
            "AND reviewer_id IS DISTINCT FROM approved_by_id)",
            name=op.f("ck_review_by_another"),
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_review_answered")
        ),
        _of("review", "case_id", "case"),
        _of("review", "decision_id", "decision"),
        _of("review", "golden_id", "golden_case"),
        *(_of("review", f"{who}_id", "user")
          for who in ("first_by", "approved_by", "reviewer", "settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )  # fmt: skip
    op.create_index(
        "ix_review_open", "review", ["id"], postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_index("ix_review_reviewer_id", "review", ["reviewer_id", "answered_at"])
    op.create_index("ix_review_case_id", "review", ["case_id"])


def downgrade() -> None:
    for table in ("review", "golden_case", "review_rule"):
        op.drop_table(table)
