"""One platform's database: messages out and in, orders, effects, shops."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hub.sandbox import client

SCHEMA = f"""
{client.INBOX_TABLE};
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, webhook_id TEXT UNIQUE NOT NULL, type TEXT NOT NULL,
    ref TEXT NOT NULL,              -- report_id, or the order that is answered
    body BLOB NOT NULL, status INTEGER, answer TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL, final INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS outbox_open ON outbox (ref, id) WHERE final = 0;
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY, kind TEXT NOT NULL,  -- 'order' or 'revocation'
    cancels TEXT,                   -- the order it revokes or supersedes
    seq INTEGER NOT NULL, data TEXT NOT NULL, due_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', note TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS orders_cancels ON orders (cancels);
CREATE INDEX IF NOT EXISTS orders_waiting ON orders (due_at) WHERE state = 'waiting';
-- One row each time something was done. Deliberately without a unique constraint, so that an
-- order executed twice shows.
CREATE TABLE IF NOT EXISTS effects (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL, seq INTEGER NOT NULL, code TEXT NOT NULL,
    label TEXT NOT NULL, target TEXT NOT NULL, reversible INTEGER NOT NULL,
    severity INTEGER NOT NULL, at TEXT NOT NULL, undone_at TEXT);
CREATE INDEX IF NOT EXISTS effects_order ON effects (order_id);
CREATE INDEX IF NOT EXISTS effects_target ON effects (target) WHERE undone_at IS NULL;
-- Outcomes of our reports, from report.updated.
CREATE TABLE IF NOT EXISTS outcomes (
    report_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, status TEXT NOT NULL);
-- Reminders and outcomes of merchants' appeals.
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, ref TEXT NOT NULL, state TEXT NOT NULL,
    data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shops (
    shop_id TEXT PRIMARY KEY, shop_name TEXT, uscc TEXT, merchant_name TEXT);
CREATE INDEX IF NOT EXISTS shops_uscc ON shops (uscc);
"""

SHOPS_WITH_STATUS = """
SELECT shop_id, shop_name, uscc, merchant_name, coalesce((
    SELECT code FROM effects WHERE target = shop_id AND undone_at IS NULL
    ORDER BY seq DESC, severity DESC LIMIT 1), 'normal') AS status,
  coalesce((
    SELECT label FROM effects WHERE target = shop_id AND undone_at IS NULL
    ORDER BY seq DESC, severity DESC LIMIT 1), '正常') AS label
FROM shops ORDER BY shop_id
"""


class Store:
    """One SQLite file in WAL mode; one writer at a time, safe to share among threads."""

    def __init__(self, path: str, shops: list[dict]) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        # FULL: a 200 to the hub promises that the order is on disk.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)
        with self.transaction():
            for shop in shops:
                self.add_shop(shop)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed as a whole or rolled back."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of one query."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add_shop(self, shop: dict) -> None:
        """Store a shop (`shop_id`, `shop_name`, `uscc`, `merchant_name`), once."""
        fields = [_text(shop.get(key)) for key in ("shop_id", "shop_name", "uscc", "merchant_name")]
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO shops VALUES (?, ?, ?, ?)", fields)

    # -- messages to the hub -------------------------------------------------------

    def enqueue(self, kind: str, ref: str, data: dict, not_before: float = 0.0) -> str:
        """Queue one message to be sent from `not_before` (Unix time) on; returns its webhook-id."""
        webhook_id = client.new_webhook_id()
        with self._lock:
            self._db.execute(
                "INSERT INTO outbox (webhook_id, type, ref, body, next_at) VALUES (?, ?, ?, ?, ?)",
                (webhook_id, kind, _text(ref), client.message(kind, data), not_before),
            )
        return webhook_id

    def outgoing(self, webhook_id: str) -> sqlite3.Row:
        """One message of the outbox."""
        return self.rows("SELECT * FROM outbox WHERE webhook_id = ?", webhook_id)[0]

    def due_messages(self, limit: int = 20) -> list[sqlite3.Row]:
        """Due messages without a final response, each order's answers in sequence."""
        return self.rows(
            """SELECT * FROM outbox AS o WHERE final = 0 AND next_at <= ? AND NOT EXISTS (
                 SELECT 1 FROM outbox AS e WHERE e.ref = o.ref AND e.final = 0 AND e.id < o.id)
               ORDER BY id LIMIT ?""",
            time.time(),
            limit,
        )

    def record_attempt(
        self, webhook_id: str, status: int | None, answer: str, next_at: float
    ) -> None:
        """Record the hub's response (`status` None: it was not reached)."""
        with self._lock:
            self._db.execute(
                "UPDATE outbox SET status = ?, answer = ?, attempts = attempts + 1,"
                " final = ?, next_at = ? WHERE webhook_id = ?",
                (status, answer, client.is_final(status), next_at, webhook_id),
            )

    # -- counts -----------------------------------------------------------------

    def state(self) -> dict:
        """Everything that can be counted, to reconcile with the hub's counts."""
        effects = self._times_executed()
        return {
            **self._report_counts(),
            **self._order_counts(),
            "effects": effects,
            "effects_total": self._count("SELECT count(*) FROM effects"),
            "executed_twice": sum(times > 1 for times in effects.values()),
            "denylist": self.denylist(),
            "outcomes": dict(map(tuple, self.rows("SELECT report_id, status FROM outcomes"))),
            "notices": [dict(row) for row in self.rows("SELECT type, ref, state FROM notices")],
            "shops": [dict(row) for row in self.rows(SHOPS_WITH_STATUS)],
        }

    def denylist(self) -> list[str]:
        """Merchants barred from opening a shop here: credit codes, else names or shop ids."""
        query = """SELECT DISTINCT target FROM effects
                   WHERE code = 'bar_onboarding' AND undone_at IS NULL ORDER BY target"""
        return [row["target"] for row in self.rows(query)]

    def _count(self, query: str, *values: Any) -> int:
        return self.rows(query, *values)[0][0]

    def _times_executed(self) -> dict[str, int]:
        query = """SELECT order_id, max(times) AS times FROM (
            SELECT order_id, count(*) AS times FROM effects GROUP BY order_id, code, target)
            GROUP BY order_id"""
        return {row["order_id"]: row["times"] for row in self.rows(query)}

    def _report_counts(self) -> dict:
        counts = dict.fromkeys(("sent", "accepted", "refused", "quarantined"), 0)
        receipts = {}
        query = "SELECT ref, status, final, answer FROM outbox WHERE type = 'report.created'"
        for row in self.rows(query + " ORDER BY id"):
            counts["sent"] += 1
            if not row["final"]:
                continue
            if row["status"] < 300:
                counts["accepted"] += 1
                receipts[row["ref"]] = _receipt(row["answer"])
            else:
                counts["quarantined" if row["status"] == 422 else "refused"] += 1
        return {**counts, "receipts": receipts}

    def _order_counts(self) -> dict:
        query = "SELECT kind, state, count(*) FROM orders GROUP BY kind, state"
        by_state = {(kind, state): number for kind, state, number in self.rows(query)}

        def of(kind: str, *states: str) -> int:
            return sum(n for (k, s), n in by_state.items() if k == kind and s in (states or (s,)))

        acknowledged = "SELECT count(*) FROM outbox WHERE type = 'order.acknowledged' AND final = 1"
        pending = "SELECT count(*) FROM outbox WHERE type <> 'report.created' AND final = 0"
        return {
            "orders_received": of("order"),
            "revocations_received": of("revocation"),
            "acknowledged": self._count(acknowledged),
            "executed": of("order", "executed"),
            "partial": of("order", "partial"),
            "absent": of("order", "absent"),
            "refused_orders": of("order", "refused"),
            "pending_answers": self._count(pending) + of("order", "waiting"),
        }


def _text(value: object) -> str | None:
    """A string that SQLite can store: reports may contain lone surrogates, or no string at all."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _receipt(answer: str) -> str | None:
    try:
        return json.loads(answer).get("receipt")
    except (ValueError, AttributeError):
        return None
