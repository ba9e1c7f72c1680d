"""Care for people who read: marks, wishes, and what was opened"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "care_mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger()),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_care_mark_case_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_care_mark_report_id")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_care_mark_by_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_mark")),
    )  # fmt: skip
    op.create_index(
        "uq_care_mark_in_use", "care_mark", ["case_id", "report_id"], unique=True,
        postgresql_nulls_not_distinct=True, postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "care_wish",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pictures", sa.String(length=4), server_default="blur", nullable=False),
        sa.Column("marked", sa.String(length=4), server_default="veil", nullable=False),
        sa.Column("hint_after", sa.Integer(), server_default="20", nullable=False),
        sa.CheckConstraint("pictures IN ('blur', 'show')", name=op.f("ck_care_wish_pictures")),
        sa.CheckConstraint("marked IN ('veil', 'show')", name=op.f("ck_care_wish_marked")),
        sa.CheckConstraint("hint_after BETWEEN 1 AND 1000", name=op.f("ck_care_wish_hint_after")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_care_wish_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_care_wish")),
    )
    op.create_index(
        "ix_viewing_care", "viewing", ["username", "at"],
        postgresql_where=sa.text("page IN ('care.shown', 'care.picture')"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_viewing_care", "viewing")
    op.drop_table("care_wish")
    op.drop_table("care_mark")
