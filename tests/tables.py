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
        pages = dict(connection.execute(text(_PAGES)).all())
        used = [name for name in pages if name not in keep]
        deletes = "".join(f'DELETE FROM "{name}";' for name in used)
        connection.execute(text(_AS_REPLICA.format(deletes=deletes)))
        # A table of one page gives its rows back in the order in which they were written.
        if large := [f'"{name}"' for name in used if pages[name] > 1]:
            connection.execute(text(f"VACUUM {', '.join(large)}"))
        connection.execute(text(_RESTART), {"kept": [f"{name}_id_seq" for name in keep]})
        for name in connection.scalars(text(_VECTORS)).all():
            connection.execute(text(f"DROP INDEX {name}"))


def _at_once(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


_TABLES = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
_PAGES = f"""
    SELECT relname, pg_relation_size(oid) / 8192 FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname IN ({_TABLES})
    AND pg_relation_size(oid) > 0
"""
# A replica asks no foreign key and no trigger; all of them hold when nothing is left.
_AS_REPLICA = "SET session_replication_role = replica; {deletes} RESET session_replication_role"
# setval: ALTER SEQUENCE, as TRUNCATE does it, writes a new file for each.
_RESTART = """
    SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE last_value IS NOT NULL AND sequencename <> ALL (:kept)
"""
# A worker makes indexes of vectors when it starts; they would look at dead rows first.
_VECTORS = """
    SELECT c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'hnsw'
"""
