"""A statutory term that is near or past raises the priority"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Empty until the next minute's look at the clocks."""
    op.add_column("case", sa.Column("pressing", sa.String(8)))
    op.create_index(
        "ix_case_pressing",
        "case",
        ["id"],
        postgresql_include=["pressing"],
        postgresql_where=sa.text("pressing IS NOT NULL"),
    )


def downgrade() -> None:
    """Terms press no more; priorities follow when a case is next counted."""
    op.drop_index("ix_case_pressing", "case")
    op.drop_column("case", "pressing")
