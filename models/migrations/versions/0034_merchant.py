"""The tables say merchant, as the code and the pages do; the wire keeps `subject`."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"

_TABLES = ("", "_pair", "_conflict", "_lookup", "_clue")
_COLUMNS = (
    "shop", "case", "identity", "deny_entry", "merchant_clue", "merchant_conflict",
    "merchant_lookup",
)  # fmt: skip


def upgrade() -> None:
    """Rename tables, columns, constraints, indexes and sequences; no row is touched."""
    _rename("subject", "merchant")
    op.alter_column("review", "upto", new_column_name="last_report_id")


def downgrade() -> None:
    """Back to subject."""
    op.alter_column("review", "last_report_id", new_column_name="upto")
    _rename("merchant", "subject")


def _rename(old: str, new: str) -> None:
    for part in _TABLES:
        op.rename_table(f"{old}{part}", f"{new}{part}")
    for table in _COLUMNS:
        op.alter_column(table.replace("merchant", new), f"{old}_id", new_column_name=f"{new}_id")
    # A person's `subject` at the identity provider is another word.
    op.execute(
        f"""
        DO $$
        DECLARE one record;
        BEGIN
            FOR one IN
                SELECT c.conname AS name, c.conrelid::regclass AS owner FROM pg_constraint c
                JOIN pg_namespace n ON n.oid = c.connamespace
                WHERE n.nspname = current_schema() AND c.conname LIKE '%{old}%'
                  AND c.conrelid <> '"user"'::regclass AND c.conrelid <> 0
            LOOP
                EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', one.owner, one.name,
                               replace(one.name, '{old}', '{new}'));
            END LOOP;
            FOR one IN
                SELECT c.relname AS name, c.relkind AS kind FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relname LIKE '%{old}%'
                  AND c.relkind IN ('i', 'S') AND c.relname <> 'uq_user_subject'
            LOOP
                EXECUTE format('ALTER %s %I RENAME TO %I',
                               CASE one.kind WHEN 'i' THEN 'INDEX' ELSE 'SEQUENCE' END, one.name,
                               replace(one.name, '{old}', '{new}'));
            END LOOP;
        END $$
        """
    )
