"""Near-copies have the vector of the wording they repeat"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column(
        "wording",
        sa.Column("vector_of_id", sa.BigInteger(), sa.ForeignKey("wording.id"), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("wording", "vector_of_id")
