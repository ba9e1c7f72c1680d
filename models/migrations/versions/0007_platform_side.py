"""Deny-list and the platform's own staff"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("user", sa.Column("platform_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_user_platform_id"), "user", "platform", ["platform_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_user_engineer_platform"),
        "user",
        "(role = 'engineer') = (platform_id IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_user_engineer_platform"), "user", type_="check")
    op.drop_constraint(op.f("fk_user_platform_id"), "user", type_="foreignkey")
    op.drop_column("user", "platform_id")
