"""Weighing in small steps: where its round stands, and what it has counted so far."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the round's row and the next standing."""
    for name in ("next_confirmed", "next_dismissed"):
        op.add_column("standing", sa.Column(name, sa.Float(), server_default="0", nullable=False))
    op.add_column("standing", sa.Column("next_at", sa.DateTime(timezone=True)))
    op.create_table(
        "weighing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("phase", sa.String(5), server_default="rest", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("after", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "kept", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weighing")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("weighing")
    for name in ("next_at", "next_dismissed", "next_confirmed"):
        op.drop_column("standing", name)
