"""Sessions, reliability, second review"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"


def _moment(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    now = sa.text("now()")
    op.create_table(
        "login_session",
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=8), nullable=False),
        _moment("began_at", server_default=now, nullable=False),
        _moment("seen_at", server_default=now, nullable=False),
        _moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token", name=op.f("uq_login_session_token")),
    )
    op.create_index("ix_login_session_user_id", "login_session", ["user_id", "seen_at"])
    op.drop_column("user", "session_epoch")
    op.create_table(
        "standing",
        sa.Column("platform_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("confirmed", sa.Float(), nullable=False),
        sa.Column("dismissed", sa.Float(), nullable=False),
        _moment("reckoned_at", server_default=now, nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_standing_platform_id")
        ),
        sa.PrimaryKeyConstraint("platform_id", "source", name=op.f("pk_standing")),
    )
    op.add_column("user", sa.Column("subject", sa.String(length=255)))
    op.create_unique_constraint(op.f("uq_user_subject"), "user", ["subject"])
    op.add_column("case", sa.Column("trust", sa.Float(), server_default="1", nullable=False))
    op.add_column("case", sa.Column("flood", postgresql.JSONB(astext_type=sa.Text())))


def downgrade() -> None:
    op.add_column(
        "user", sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False)
    )
    op.drop_constraint(op.f("uq_user_subject"), "user")
    op.drop_column("user", "subject")
    op.drop_column("case", "flood")
    op.drop_column("case", "trust")
    op.drop_table("standing")
    op.drop_table("login_session")
