"""A second vector of a debunk: its claim with the explanation"""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("debunk", sa.Column("told", sa.Text(), nullable=True))
    op.add_column("debunk", sa.Column("told_embedding", HALFVEC(), nullable=True))
    # Workers read every record again, with its explanation.
    op.execute("UPDATE debunk SET encoder = NULL, embedding = NULL")


def downgrade() -> None:
    op.drop_column("debunk", "told_embedding")
    op.drop_column("debunk", "told")
