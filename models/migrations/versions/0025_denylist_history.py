"""What made each version of the deny-list, and which platform fetched which"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_NOW = sa.text("now()")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Of entries made before, only the last change is known."""
    op.create_table(
        "deny_change",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("at", _MOMENT, server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["deny_entry.id"], name=op.f("fk_deny_change_entry_id")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_deny_change")),
    )
    op.create_index(op.f("ix_deny_change_entry_id"), "deny_change", ["entry_id"])
    op.create_table(
        "deny_pull",
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("last_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_deny_pull_platform_id")
        ),
        sa.PrimaryKeyConstraint("platform_id", "version", name=op.f("pk_deny_pull")),
    )
    op.execute(
        "INSERT INTO deny_change (version, entry_id, what, said, at) "
        "SELECT version, id, CASE WHEN ended_at IS NULL THEN 'entered' ELSE 'ended' END, "
        "ended_because, coalesce(ended_at, starts_at) FROM deny_entry"
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("deny_pull")
    op.drop_table("deny_change")
