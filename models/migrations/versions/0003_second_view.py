"""A claim's first wordings, found without reading all of them"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_index("ix_wording_claim_id", table_name="wording")
    op.create_index("ix_wording_claim_id", "wording", ["claim_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_wording_claim_id", table_name="wording")
    op.create_index("ix_wording_claim_id", "wording", ["claim_id"], unique=False)
