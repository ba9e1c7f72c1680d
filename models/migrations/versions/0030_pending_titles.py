"""Few titles wait to be sorted into their index"""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """What an index has not yet sorted in, every search reads whole; and a case is written anew
    whenever it is weighed or taken."""
    op.execute("ALTER INDEX ix_case_grams SET (gin_pending_list_limit = 128)")


def downgrade() -> None:
    """As PostgreSQL has it by itself, 4 MB."""
    op.execute("ALTER INDEX ix_case_grams RESET (gin_pending_list_limit)")
