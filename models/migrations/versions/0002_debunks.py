"""What was debunked, and how many reports of a case deny it"""

import pgvector.sqlalchemy
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "case",
        sa.Column(
            "denied",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.create_table(
        "debunk",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("embedding", pgvector.sqlalchemy.HALFVEC(), nullable=True),
        sa.Column("encoder", sa.String(length=64), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debunk")),
        sa.UniqueConstraint("key", name=op.f("uq_debunk_key")),
    )
    op.create_index("ix_debunk_encoder", "debunk", ["encoder", "id"], unique=False)
    op.create_table(
        "wording_debunk",
        sa.Column("wording_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("debunk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.Column("close", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["debunk_id"], ["debunk.id"], name=op.f("fk_wording_debunk_debunk_id")
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wording.id"], name=op.f("fk_wording_debunk_wording_id")
        ),
        sa.PrimaryKeyConstraint("wording_id", "debunk_id", name=op.f("pk_wording_debunk")),
    )
    op.create_index("ix_wording_debunk_debunk_id", "wording_debunk", ["debunk_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_wording_debunk_debunk_id", table_name="wording_debunk")
    op.drop_table("wording_debunk")
    op.drop_index("ix_debunk_encoder", table_name="debunk")
    op.drop_table("debunk")
    op.drop_column("case", "denied")
