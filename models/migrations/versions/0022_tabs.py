"""The queue's tabs are counted from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_case_tabs", "case", ["stage", "parked_until"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_case_tabs", "case")
