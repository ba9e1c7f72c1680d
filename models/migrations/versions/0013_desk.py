"""Search, parking, saved views"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

# Every two neighbouring characters of a text, in small letters. A Chinese word of two characters
# is one of them, so an index on these finds it in the middle of anything.
_BIGRAMS = """
CREATE FUNCTION bigrams(said text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(array_agg(DISTINCT pair), ARRAY[]::text[])
    FROM (
        SELECT c || lead(c) OVER (ORDER BY n) AS pair
        FROM unnest(string_to_array(lower(said), NULL)) WITH ORDINALITY AS t (c, n)
    ) AS pairs
    WHERE pair IS NOT NULL
)
"""
_STAGE = """
CASE state WHEN 'PROPOSED' THEN 'proposed' WHEN 'UNDER_REVIEW' THEN 'proposed'
WHEN 'ORDERED' THEN 'ordered' WHEN 'PARTLY_EXECUTED' THEN 'ordered' WHEN 'STAYED' THEN 'ordered'
WHEN 'EXECUTED' THEN 'executed' WHEN 'DISMISSED' THEN 'dismissed' WHEN 'MERGED' THEN 'merged'
WHEN 'REVOKED' THEN 'revoked' ELSE 'waiting' END
"""
_SAID = {
    "case": "title",
    "wording": "text",
    "subject": (
        "(((coalesce(name, '') || ' ') || coalesce(uscc, '')) || ' ') || coalesce(license_no, '')"
    ),
    "shop": "(coalesce(name, '') || ' ') || shop_id",
    "decision": "facts",
}
_IN_CASE = sa.text("case_id IS NOT NULL")
_READ = sa.text("wording_id IS NOT NULL")


def upgrade() -> None:
    op.execute(_BIGRAMS)
    for table, said in _SAID.items():
        op.create_index(
            f"ix_{table}_grams", table, [sa.text(f"bigrams({said})")], postgresql_using="gin"
        )
    _case()
    op.create_index(
        "ix_subject_region", "subject", ["region"],
        postgresql_ops={"region": "varchar_pattern_ops"},
    )  # fmt: skip
    op.create_index(
        "ix_report_case_received", "report", ["case_id", "received_at"], postgresql_where=_IN_CASE
    )
    op.drop_index("ix_report_wording", "report")
    op.create_index(
        "ix_report_wording", "report", ["wording_id", "case_id"], postgresql_where=_READ
    )
    _tables()


def _case() -> None:
    op.add_column(
        "case",
        sa.Column("stage", sa.String(9), sa.Computed(_STAGE, persisted=True), nullable=False),
    )
    op.add_column("case", sa.Column("owner_until", sa.DateTime(timezone=True)))
    op.add_column("case", sa.Column("parked_until", sa.Date()))
    op.add_column("case", sa.Column("parked_because", sa.Text()))
    op.drop_index("ix_case_queue", "case")
    op.create_index("ix_case_queue", "case", ["stage", sa.text("priority DESC"), "id"])
    op.create_index("ix_case_stage_id", "case", ["stage", "id"])
    op.create_index(
        "ix_case_owner_id", "case", ["owner_id"], postgresql_where=sa.text("owner_id IS NOT NULL")
    )
    op.create_index(
        "ix_case_claim", "case", ["claim_id"], postgresql_where=sa.text("claim_id IS NOT NULL")
    )
    # A queue that is counted and filtered reads narrow rows; what the models said lies apart.
    op.execute('ALTER TABLE "case" SET (toast_tuple_target = 256)')


def _tables() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_view_user_id_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column(
            "done", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_batch_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )


def downgrade() -> None:
    op.drop_table("batch")
    op.drop_table("saved_view")
    op.drop_index("ix_report_wording", "report")
    op.create_index("ix_report_wording", "report", ["wording_id"], postgresql_where=_READ)
    op.drop_index("ix_report_case_received", "report")
    op.drop_index("ix_subject_region", "subject")
    for name in ("ix_case_claim", "ix_case_owner_id", "ix_case_stage_id", "ix_case_queue"):
        op.drop_index(name, "case")
    for column in ("parked_because", "parked_until", "owner_until", "stage"):
        op.drop_column("case", column)
    op.create_index("ix_case_queue", "case", ["state", sa.text("priority DESC"), "id"])
    op.execute('ALTER TABLE "case" RESET (toast_tuple_target)')
    for table in _SAID:
        op.drop_index(f"ix_{table}_grams", table)
    op.execute("DROP FUNCTION bigrams(text)")
