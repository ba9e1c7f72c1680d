"""Measures, capabilities, appeals, escalation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

# Nobody decides alone: no order without a decision that somebody else approved, whatever the
# program above says.
_GUARD = """
CREATE FUNCTION order_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM decision
        WHERE id = NEW.decision_id AND approved_by_id <> proposed_by_id
    ) THEN
        RAISE EXCEPTION 'order without a decision approved by another person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_is_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_is_approved BEFORE INSERT OR UPDATE OF decision_id ON "order"
    FOR EACH ROW EXECUTE FUNCTION order_is_approved();
"""


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "backup",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "case_relation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rumor_id", sa.BigInteger(), nullable=False),
        sa.Column("violation_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "related_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rumor_id <> violation_id", name=op.f("ck_case_relation_two_cases")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_case_relation_by_id")),
        sa.ForeignKeyConstraint(["rumor_id"], ["case.id"], name=op.f("fk_case_relation_rumor_id")),
        sa.ForeignKeyConstraint(
            ["violation_id"], ["case.id"], name=op.f("fk_case_relation_violation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_relation")),
        sa.UniqueConstraint(
            "rumor_id", "violation_id", name=op.f("uq_case_relation_rumor_id_violation_id")
        ),
    )
    op.create_index(
        op.f("ix_case_relation_violation_id"), "case_relation", ["violation_id"], unique=False
    )
    op.create_table(
        "deny_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "starts_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.Column("appeal_state", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_deny_entry_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_deny_entry_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deny_entry")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_deny_entry_decision_id")),
        sa.UniqueConstraint("version", name=op.f("uq_deny_entry_version")),
    )
    op.create_index(
        "ix_deny_entry_in_force",
        "deny_entry",
        ["subject_id", "ended_at", "expires_at"],
        unique=False,
    )
    op.create_table(
        "withheld",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_withheld_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_withheld_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld")),
        sa.UniqueConstraint(
            "decision_id", "platform_id", name=op.f("uq_withheld_decision_id_platform_id")
        ),
    )
    op.add_column("appeal", sa.Column("stayed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("appeal", sa.Column("stayed_by_id", sa.BigInteger(), nullable=True))
    op.add_column("appeal", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("appeal", sa.Column("decided_by_id", sa.BigInteger(), nullable=True))
    op.add_column("appeal", sa.Column("decided_because", sa.Text(), nullable=True))
    op.add_column("appeal", sa.Column("outcome_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_appeal_order_id"), "appeal", ["order_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_appeal_outcome_id"), "appeal", "decision", ["outcome_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_appeal_decided_by_id"), "appeal", "user", ["decided_by_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_appeal_stayed_by_id"), "appeal", "user", ["stayed_by_id"], ["id"]
    )
    op.add_column(
        "decision",
        sa.Column("effect", sa.String(length=8), server_default="PENALTY", nullable=False),
    )
    op.add_column(
        "decision",
        sa.Column(
            "grounds",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column(
        "decision",
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column(
        "decision", sa.Column("answer_days", sa.Integer(), server_default="3", nullable=False)
    )
    op.add_column(
        "decision",
        sa.Column(
            "sharing",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text('\'{"level": "all", "platforms": []}\'::jsonb'),
            nullable=False,
        ),
    )
    op.add_column(
        "decision", sa.Column("catalogue", sa.String(length=16), server_default="", nullable=False)
    )
    op.add_column("decision", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_decision_replaces_id"), "decision", "decision", ["replaces_id"], ["id"]
    )
    op.add_column("order", sa.Column("supersedes_id", sa.BigInteger(), nullable=True))
    op.add_column("order", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order", sa.Column("chased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order", sa.Column("chased_by_id", sa.BigInteger(), nullable=True))
    op.add_column("order", sa.Column("chased_note", sa.Text(), nullable=True))
    op.create_index(op.f("ix_order_supersedes_id"), "order", ["supersedes_id"], unique=False)
    op.create_index(
        "ix_order_unanswered",
        "order",
        ["answer_by"],
        unique=False,
        postgresql_where=sa.text("execution IN ('NONE', 'ACKNOWLEDGED')"),
    )
    op.create_foreign_key(op.f("fk_order_chased_by_id"), "order", "user", ["chased_by_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_order_supersedes_id"), "order", "order", ["supersedes_id"], ["id"]
    )
    op.add_column(
        "platform",
        sa.Column("kind", sa.String(length=16), server_default="commerce", nullable=False),
    )
    op.add_column(
        "platform",
        sa.Column("capabilities", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "platform", sa.Column("capabilities_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("platform", sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_decision_approved_by_somebody"),
        "decision",
        "state IN ('PROPOSED', 'REJECTED', 'WITHDRAWN') OR approved_by_id IS NOT NULL",
    )
    op.create_check_constraint(
        op.f("ck_appeal_by_a_person"),
        "appeal",
        "state IN ('FILED', 'STAYED') OR decided_by_id IS NOT NULL",
    )
    # Of a case decided again after it was reopened, the newest decision is in force.
    op.execute(
        "UPDATE decision AS d SET state = 'SUPERSEDED' WHERE state = 'APPROVED' AND EXISTS "
        "(SELECT 1 FROM decision n WHERE n.case_id = d.case_id AND n.state = 'APPROVED' "
        "AND n.version > d.version)"
    )
    op.create_index(
        "uq_decision_in_force",
        "decision",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('APPROVED', 'STAYED')"),
    )
    op.execute("UPDATE platform SET caught_up_at = now()")
    op.execute(_GUARD)


def downgrade() -> None:
    op.execute('DROP TRIGGER order_is_approved ON "order"')
    op.execute("DROP FUNCTION order_is_approved()")
    op.drop_index("uq_decision_in_force", table_name="decision")
    op.drop_constraint(op.f("ck_appeal_by_a_person"), "appeal", type_="check")
    op.drop_constraint(op.f("ck_decision_approved_by_somebody"), "decision", type_="check")
    op.drop_column("platform", "caught_up_at")
    op.drop_column("platform", "capabilities_at")
    op.drop_column("platform", "capabilities")
    op.drop_column("platform", "kind")
    op.drop_constraint(op.f("fk_order_supersedes_id"), "order", type_="foreignkey")
    op.drop_constraint(op.f("fk_order_chased_by_id"), "order", type_="foreignkey")
    op.drop_index(
        "ix_order_unanswered",
        table_name="order",
        postgresql_where=sa.text("execution IN ('NONE', 'ACKNOWLEDGED')"),
    )
    op.drop_index(op.f("ix_order_supersedes_id"), table_name="order")
    op.drop_column("order", "chased_note")
    op.drop_column("order", "chased_by_id")
    op.drop_column("order", "chased_at")
    op.drop_column("order", "escalated_at")
    op.drop_column("order", "reminded_at")
    op.drop_column("order", "supersedes_id")
    op.drop_constraint(op.f("fk_decision_replaces_id"), "decision", type_="foreignkey")
    op.drop_column("decision", "replaces_id")
    op.drop_column("decision", "catalogue")
    op.drop_column("decision", "sharing")
    op.drop_column("decision", "answer_days")
    op.drop_column("decision", "evidence")
    op.drop_column("decision", "grounds")
    op.drop_column("decision", "effect")
    op.drop_constraint(op.f("fk_appeal_stayed_by_id"), "appeal", type_="foreignkey")
    op.drop_constraint(op.f("fk_appeal_decided_by_id"), "appeal", type_="foreignkey")
    op.drop_constraint(op.f("fk_appeal_outcome_id"), "appeal", type_="foreignkey")
    op.drop_index(op.f("ix_appeal_order_id"), table_name="appeal")
    op.drop_column("appeal", "outcome_id")
    op.drop_column("appeal", "decided_because")
    op.drop_column("appeal", "decided_by_id")
    op.drop_column("appeal", "decided_at")
    op.drop_column("appeal", "stayed_by_id")
    op.drop_column("appeal", "stayed_at")
    op.drop_table("withheld")
    op.drop_index("ix_deny_entry_in_force", table_name="deny_entry")
    op.drop_table("deny_entry")
    op.drop_index(op.f("ix_case_relation_violation_id"), table_name="case_relation")
    op.drop_table("case_relation")
    op.drop_table("second_factor")
