"""Pages that cost little: the queue's tabs are added up, a case's reports are read from indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# One row for all platforms ('') and one for each that reported.
_ROWS = """
SELECT {case}.kind, {case}.stage,
       CASE WHEN {case}.stage = 'waiting' THEN {case}.parked_until END AS parked_until,
       unnest(array_prepend('', ARRAY(SELECT jsonb_object_keys({case}.spread)))) AS platform,
       {n} AS n
"""
_GROUPED = """
INSERT INTO case_tally (kind, stage, parked_until, platform, n)
SELECT kind, stage, parked_until, platform, sum(n) FROM ({rows}) AS moved
GROUP BY kind, stage, parked_until, platform HAVING sum(n) <> 0
"""
_OPENED = _GROUPED.format(rows=_ROWS.format(case="NEW", n=1))
_MOVED = _GROUPED.format(
    rows=_ROWS.format(case="OLD", n=-1) + "UNION ALL" + _ROWS.format(case="NEW", n=1)
)
_FUNCTION = f"""
CREATE FUNCTION tally_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {_OPENED}; ELSE {_MOVED}; END IF;
    RETURN NULL;
END $$
"""
_CHANGED = " OR ".join(
    f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ("kind", "state", "parked_until")
)
_PLATFORMS = "jsonb_path_query_array({case}.spread, '$.keyvalue().key')"
_IN_CASE = sa.text("case_id IS NOT NULL")
_READ = sa.text("wording_id IS NOT NULL")


def upgrade() -> None:
    """Add the tally and what keeps it; make a case's reports readable without their rows."""
    op.execute("SET LOCAL statement_timeout = 0")  # every report is written anew
    op.create_table(
        "case_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("stage", sa.String(9), nullable=False),
        sa.Column("parked_until", sa.Date()),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tally")),
    )
    op.execute(_GROUPED.format(rows=_ROWS.format(case='"case"', n=1) + ' FROM "case"'))
    op.execute(_FUNCTION)
    op.execute(
        'CREATE TRIGGER tally_opened AFTER INSERT ON "case" '
        "FOR EACH ROW EXECUTE FUNCTION tally_case()"
    )
    op.execute(
        f'CREATE TRIGGER tally_moved AFTER UPDATE ON "case" FOR EACH ROW WHEN ({_CHANGED} OR '
        f"{_PLATFORMS.format(case='OLD')} IS DISTINCT FROM {_PLATFORMS.format(case='NEW')}) "
        "EXECUTE FUNCTION tally_case()"
    )
    named = sa.Computed("left(payload #>> '{subject,region}', 2)", persisted=True)
    op.add_column("report", sa.Column("region", sa.String(2), named))
    op.drop_index("ix_report_case_received", "report")
    op.create_index(
        "ix_report_case_received",
        "report",
        ["case_id", "received_at"],
        postgresql_where=_IN_CASE,
        postgresql_include=["id", "state", "wording_id", "platform_id", "region"],
    )
    op.drop_index("ix_report_wording", "report")
    op.create_index(
        "ix_report_wording",
        "report",
        ["wording_id", "case_id", sa.text("(state = 'SUPERSEDED')"), "id"],
        postgresql_where=_READ,
    )
    op.drop_index("ix_case_tabs", "case")


def downgrade() -> None:
    """Take it away."""
    op.create_index("ix_case_tabs", "case", ["stage", "parked_until"])
    op.drop_index("ix_report_wording", "report")
    op.create_index(
        "ix_report_wording", "report", ["wording_id", "case_id"], postgresql_where=_READ
    )
    op.drop_index("ix_report_case_received", "report")
    op.create_index(
        "ix_report_case_received", "report", ["case_id", "received_at"], postgresql_where=_IN_CASE
    )
    op.drop_column("report", "region")
    op.execute('DROP TRIGGER tally_moved ON "case"')
    op.execute('DROP TRIGGER tally_opened ON "case"')
    op.execute("DROP FUNCTION tally_case()")
    op.drop_table("case_tally")
