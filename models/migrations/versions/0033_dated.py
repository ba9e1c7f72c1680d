"""What a span of days holds is found by its days"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_DATED = {
    "ix_case_opened_at": ("case", "opened_at", None),
    "ix_decision_approved_at": ("decision", "approved_at", "approved_at IS NOT NULL"),
    "ix_audit_entry_at": ("audit_entry", "at", None),
    "ix_clock_ended_at": ("clock", "ended_at", "ended_at IS NOT NULL"),
}


def upgrade() -> None:
    """The statistics ask for a month of each; before, they read everything that ever was."""
    for name, (table, column, only) in _DATED.items():
        where = sa.text(only) if only else None
        op.create_index(name, table, [column], postgresql_where=where)


def downgrade() -> None:
    """Read everything again."""
    for name, (table, _, _) in _DATED.items():
        op.drop_index(name, table)
