"""A database of tests: no promise about a power cut, and empty again within milliseconds.

TRUNCATE makes a new file for each of sixty tables and for each of their indexes, a sixth of a
second of work however few rows there are. DELETE and VACUUM cost what they find.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Engine, text

from models import Base

# What the server need not do here: nobody pulls the plug, and nothing runs beside a test.
_CARELESS = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")


def careless(engine: Engine) -> None:
    """Let the server of this engine write when it likes, and tidy nothing up by itself."""
    with _at_once(engine) as connection:
        for name in _CARELESS:
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


def empty(engine: Engine, keep: Collection[str] = ()) -> None:
    """Every table but `keep` as if nothing had ever been in it, every counter at its beginning."""
    with _at_once(engine) as connection:
        used = [name for name in connection.scalars(text(_USED)) if name not in keep]
        vectors = connection.scalars(text(_VECTORS)).all()
        if used:
            # As a replica: foreign keys and triggers are not asked, as all ends up empty.
            deletes = "; ".join(f'DELETE FROM "{name}"' for name in used)
            connection.execute(
                text(f"SET session_replication_role = replica; {deletes}; {_RESTART};"
                     "RESET session_replication_role")
            )  # fmt: skip
            connection.execute(text("VACUUM " + ", ".join(f'"{name}"' for name in used)))
        for name in vectors:  # a worker makes them when it starts
            connection.execute(text(f"DROP INDEX {name}"))


def _at_once(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


_TABLES = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
# Tables with a page of their own: VACUUM gives the pages of an empty table back.
_USED = f"""
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname IN ({_TABLES})
    AND pg_relation_size(oid) > 0
"""
_VECTORS = """
    SELECT c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'hnsw'
"""
_RESTART = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""
