"""A sheet of paper reports is read and stored by a worker"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"

_COUNTS = ("rows", "good", "bad", "known", "done", "stored")


def upgrade() -> None:
    """What was taken before stays so; what was only looked at is read again."""
    add = op.add_column
    add("paper_import", sa.Column("state", sa.String(8), server_default="WAITING", nullable=False))
    for name in _COUNTS:
        add("paper_import", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    add("paper_import", sa.Column("problem", sa.Text()))
    add("paper_import", sa.Column("shown", JSONB()))
    add("paper_import", sa.Column("checked", sa.LargeBinary()))
    op.execute("UPDATE paper_import SET state = 'TAKEN' WHERE taken_at IS NOT NULL")
    op.create_index(
        "ix_paper_import_due",
        "paper_import",
        ["id"],
        postgresql_where=sa.text("state IN ('WAITING', 'TAKING')"),
    )


def downgrade() -> None:
    """Forget what was read."""
    op.drop_index("ix_paper_import_due", "paper_import")
    for name in ("state", *_COUNTS, "problem", "shown", "checked"):
        op.drop_column("paper_import", name)
