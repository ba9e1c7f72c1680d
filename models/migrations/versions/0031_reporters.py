"""How many different people reported a case, as it was last weighed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Empty until the next round of weighing, a few minutes."""
    op.add_column("case", sa.Column("reporters", JSONB()))


def downgrade() -> None:
    """Count them no more."""
    op.drop_column("case", "reporters")
