"""Who named a case's violation where no rule or model did; names of merchants by their parts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """An officer's word is known from the labels; no older case has its type from a reason."""
    op.create_index(
        "ix_identity_grams",
        "identity",
        [sa.text("bigrams(value)")],
        postgresql_using="gin",
        postgresql_where=sa.text("kind IN ('legal_name', 'shop_name')"),
    )
    op.add_column("case", sa.Column("violation_by", sa.String(8)))
    op.execute(
        """
        UPDATE "case" AS c SET violation_by = 'officer' WHERE EXISTS (
            SELECT FROM label AS l WHERE l.case_id = c.id AND l.task = 'violation'
                AND l.via = 'classify' AND l.value = c.violation)
        """
    )


def downgrade() -> None:
    """Forget who named it."""
    op.drop_column("case", "violation_by")
    op.drop_index("ix_identity_grams", "identity")
