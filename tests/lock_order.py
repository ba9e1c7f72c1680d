"""Watches every statement of a test: what the locks of a transaction promise about its end.

After the audit chain is locked a transaction writes its entries and commits, so that whoever
holds the chain waits for nobody; after a lock that stands behind rows it locks no more rows, and
after it locked rows it takes no lock that stands before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from hub.locks import Lock

_BEFORE_ROWS = {Lock.CLAIMS.value, Lock.FAN_OUT.value}
_BEHIND_ROWS = {Lock.REPORT.value, Lock.PAPER_NUMBERS.value, Lock.DENY_LIST.value}
_ROWS = " FOR NO KEY UPDATE", " FOR UPDATE"
_OWN = ("SELECT clock_timestamp()", "INSERT INTO audit_entry")


@contextmanager
def watched() -> Iterator[list[str]]:
    """The statements that broke the promise, gathered while the block runs."""
    broken: list[str] = []

    def begun(connection: Connection) -> None:
        connection.info.pop("locks", None)

    def before(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        held = connection.info.setdefault("locks", set())
        if Lock.AUDIT_CHAIN.value in held and not statement.startswith(_OWN):
            broken.append(f"under the audit chain: {statement}")
        if any(words in statement for words in _ROWS):
            held.add("rows")
            if held & _BEHIND_ROWS and "SKIP LOCKED" not in statement:
                broken.append(f"under a lock behind rows: {statement}")
        if "pg_advisory_xact_lock" in statement:
            if "rows" in held and parameters["key"] in _BEFORE_ROWS:
                broken.append(f"after rows: {Lock(parameters['key']).name}")
            held.add(parameters["key"])

    event.listen(Engine, "begin", begun)
    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield broken
    finally:
        event.remove(Engine, "begin", begun)
        event.remove(Engine, "before_cursor_execute", before)
