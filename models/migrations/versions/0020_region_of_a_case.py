"""The province a case's text names"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    named = sa.Computed("left(assessment #>> '{entities,places,0,value}', 2)", persisted=True)
    op.add_column("case", sa.Column("region", sa.String(length=2), named, nullable=True))
    op.create_index(
        "ix_case_region", "case", ["region"], postgresql_where=sa.text("region IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_case_region", "case")
    op.drop_column("case", "region")
