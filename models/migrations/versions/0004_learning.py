"""What officers taught the models"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _created() -> sa.Column[Any]:
    now = sa.text("now()")
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False)


def _word(name: str, length: int, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), server_default=default, nullable=False)


def upgrade() -> None:
    op.create_table(
        "label",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        _word("task", 10),
        _word("value", 32),
        _word("said", 32, ""),
        sa.Column("score", sa.Double(), nullable=True),
        _word("model", 64, ""),
        _word("via", 10),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        _created(),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_label_case_id")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_label_by_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index("ix_label_task_created_at", "label", ["task", "created_at"])
    op.create_index("ix_label_case_id", "label", ["case_id"])
    op.create_table(
        "trained_model",
        _id(),
        _word("part", 16),
        _word("version", 64),
        _word("digest", 64),
        _word("champion", 64),
        sa.Column("comparison", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trained_model")),
        sa.UniqueConstraint("version", name=op.f("uq_trained_model_version")),
    )
    op.create_table(
        "promotion",
        _id(),
        _word("part", 16),
        _word("version", 64, ""),
        _word("by", 80),
        sa.Column("why", sa.Text(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
    )
    op.create_index("ix_promotion_part_id", "promotion", ["part", "id"])


def downgrade() -> None:
    for name in ("promotion", "trained_model", "label"):
        op.drop_table(name)
