"""Nothing that is looked at each minute, and no case, reads a whole table"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Clocks by case, cases by what they were merged into, the sum of a quarter by itself."""
    op.create_index("ix_clock_case", "clock", ["case_id"])
    op.create_index(
        "ix_case_merged_into",
        "case",
        ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_index("ix_pulse_quarter", "pulse")
    op.create_index(
        "ix_pulse_quarter", "pulse", ["quarter"], postgresql_include=["case_id", "platform_id", "n"]
    )


def downgrade() -> None:
    """Back to the indexes of before."""
    op.drop_index("ix_pulse_quarter", "pulse")
    op.create_index("ix_pulse_quarter", "pulse", ["quarter"])
    op.drop_index("ix_case_merged_into", "case")
    op.drop_index("ix_clock_case", "clock")
