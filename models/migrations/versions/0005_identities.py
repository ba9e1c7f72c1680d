"""One merchant, many identities"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "shared_value",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("stopped", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("holders", sa.Integer(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_shared_value_by_user_id")
        ),
        sa.PrimaryKeyConstraint("kind", "value", name=op.f("pk_shared_value")),
    )
    op.create_table(
        "subject_clue",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_subject_clue_subject_id")
        ),
        sa.PrimaryKeyConstraint("key", "subject_id", name=op.f("pk_subject_clue")),
    )
    op.create_index("ix_subject_clue_subject_id", "subject_clue", ["subject_id"], unique=False)
    op.create_table(
        "subject_pair",
        sa.Column("a_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("b_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_subject_pair_ordered")),
        sa.ForeignKeyConstraint(["a_id"], ["subject.id"], name=op.f("fk_subject_pair_a_id")),
        sa.ForeignKeyConstraint(["b_id"], ["subject.id"], name=op.f("fk_subject_pair_b_id")),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_subject_pair_by_user_id")
        ),
        sa.PrimaryKeyConstraint("a_id", "b_id", name=op.f("pk_subject_pair")),
    )
    op.create_index("ix_subject_pair_b_id", "subject_pair", ["b_id"], unique=False)
    op.create_index(
        "ix_subject_pair_suggested",
        "subject_pair",
        ["at"],
        unique=False,
        postgresql_where=sa.text("state = 'suggested'"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "first_seen",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "last_seen", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_identity_platform_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_identity_shop_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_identity_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint(
            "kind",
            "value",
            "platform_id",
            "shop_id",
            name=op.f("uq_identity_kind_value_platform_id_shop_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_identity_shop_id"), "identity", ["shop_id"], unique=False)
    op.create_index("ix_identity_subject_id_kind", "identity", ["subject_id", "kind"], unique=False)
    op.create_table(
        "subject_conflict",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("value_a", sa.String(length=200), nullable=False),
        sa.Column("shown_a", sa.Text(), nullable=False),
        sa.Column("platform_a_id", sa.BigInteger(), nullable=False),
        sa.Column("report_a_id", sa.BigInteger(), nullable=True),
        sa.Column("value_b", sa.String(length=200), nullable=False),
        sa.Column("shown_b", sa.Text(), nullable=False),
        sa.Column("platform_b_id", sa.BigInteger(), nullable=False),
        sa.Column("report_b_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="OPEN", nullable=False),
        sa.Column("kept", sa.String(length=1), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["user.id"], name=op.f("fk_subject_conflict_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_a_id"], ["platform.id"], name=op.f("fk_subject_conflict_platform_a_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_b_id"], ["platform.id"], name=op.f("fk_subject_conflict_platform_b_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_subject_conflict_shop_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_subject_conflict_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_conflict")),
    )
    op.create_index(
        "ix_subject_conflict_subject_id", "subject_conflict", ["subject_id"], unique=False
    )
    op.create_index(
        "uq_subject_conflict_open",
        "subject_conflict",
        ["subject_id", "field", "value_a", "value_b"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "subject_lookup",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=6), server_default="ASKED", nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_subject_lookup_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_subject_lookup_case_id")),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_subject_lookup_platform_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_subject_lookup_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_lookup")),
        sa.UniqueConstraint("public_id", name=op.f("uq_subject_lookup_public_id")),
    )
    op.create_index(
        "ix_subject_lookup_subject_id_platform_id",
        "subject_lookup",
        ["subject_id", "platform_id"],
        unique=False,
    )
    op.create_index(
        "ix_case_subject",
        "case",
        ["subject_id"],
        unique=False,
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    op.add_column(
        "inbound_message",
        sa.Column("sealed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("subject", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_subject_merged_into_id"), "subject", "subject", ["merged_into_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_subject_merged_into_id"), "subject", type_="foreignkey")
    op.drop_column("subject", "merged_into_id")
    op.drop_column("inbound_message", "sealed")
    op.drop_index(
        "ix_case_subject", table_name="case", postgresql_where=sa.text("subject_id IS NOT NULL")
    )
    op.drop_index("ix_subject_lookup_subject_id_platform_id", table_name="subject_lookup")
    op.drop_table("subject_lookup")
    op.drop_index(
        "uq_subject_conflict_open",
        table_name="subject_conflict",
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("ix_subject_conflict_subject_id", table_name="subject_conflict")
    op.drop_table("subject_conflict")
    op.drop_index("ix_identity_subject_id_kind", table_name="identity")
    op.drop_index(op.f("ix_identity_shop_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_index(
        "ix_subject_pair_suggested",
        table_name="subject_pair",
        postgresql_where=sa.text("state = 'suggested'"),
    )
    op.drop_index("ix_subject_pair_b_id", table_name="subject_pair")
    op.drop_table("subject_pair")
    op.drop_index("ix_subject_clue_subject_id", table_name="subject_clue")
    op.drop_table("subject_clue")
    op.drop_table("shared_value")
