"""Execution of the hub's orders: each at most once, the last one wins.

Messages may arrive twice and in any order, and the outcome must be the same. So nothing is counted
up or toggled: an order that was revoked or superseded, even by a message that arrived first, is
void; every other order takes effect once; and where two act on one shop, its status is that of the
higher seq.

Receiving and executing are two transactions. The first stores the order and queues the
acknowledgement; the second applies it and queues the answer. A crash at any point leaves either
nothing or all of a step.
"""

import json
import sqlite3
import time
from datetime import datetime

from hub.sandbox import acts, client, lookups
from hub.sandbox.store import Store


class Malformed(Exception):
    """Signed by the hub, but not a readable order. Answer 400."""


def receive(store: Store, webhook_id: str, envelope: dict, delay_s: float = 0.0) -> str:
    """Store one verified message of the hub; 'accepted' or 'duplicate'.

    An order is executed `delay_s` seconds later, and never before its `not_before`.
    Raises Malformed.
    """
    kind = envelope.get("type")
    with store.transaction() as db:
        if not client.first_time(db, webhook_id):
            return "duplicate"
        if kind == "report.updated":
            _store_outcomes(db, envelope)
        if kind in ("order.reminder", "appeal.updated"):
            _store_notice(db, envelope)
        if kind in ("subject.lookup", "subject.corrected"):
            _about_merchant(store, db, kind, envelope)
        if kind not in ("order.issued", "order.revoked"):
            return "accepted"
        order = _read(kind, envelope)
        order["due_at"] = max(order.pop("not_before"), time.time() + delay_s)
        columns, marks = ", ".join(order), ", ".join(":" + name for name in order)
        new = db.execute(f"INSERT OR IGNORE INTO orders ({columns}) VALUES ({marks})", order)
        if new.rowcount == 0:
            return "duplicate"
        answer = {"order_id": order["order_id"], "at": client.now_rfc3339()}
        store.enqueue("order.acknowledged", order["order_id"], answer)
    return "accepted"


def _about_merchant(store: Store, db: sqlite3.Connection, kind: str, envelope: dict) -> None:
    try:
        if kind == "subject.lookup":
            lookups.answer(store, db, envelope["data"])
        else:
            lookups.correct(db, envelope["data"])
    except (KeyError, TypeError, ValueError, sqlite3.Error) as error:
        raise Malformed(f"cannot read {kind}: {error!r}") from error


def _read(kind: str, envelope: dict) -> dict:
    """An order or revocation as a row. Raises Malformed."""
    data: dict = envelope.get("data") or {}
    try:
        row = {"seq": int(envelope["seq"]), "data": json.dumps(data, ensure_ascii=False)}
        if kind == "order.revoked":
            named = {"order_id": data["revocation_id"], "cancels": data["order_id"]}
            return {**row, **named, "kind": "revocation", "not_before": 0.0}
        if not all(isinstance(measure["code"], str) for measure in data["measures"]):
            raise Malformed("measures: each needs a code")
        return {
            **row,
            "kind": "order",
            "order_id": str(data["order_id"]),
            "cancels": data.get("supersedes"),
            "not_before": _unix(data.get("not_before")) or 0.0,
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"cannot read {kind}: {error!r}") from error


def _unix(moment: str | None) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None


def execute_due(store: Store, refuse: bool = False) -> int:
    """Execute every due order; returns how many. `refuse`: refuse them all."""
    query = "SELECT order_id FROM orders WHERE state = 'waiting' AND due_at <= ? ORDER BY seq"
    due = store.rows(query, time.time())
    for row in due:
        try:
            with store.transaction() as db:
                _execute(store, db, row["order_id"], refuse)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # One unreadable order must not block the others.
            with store.transaction() as db:
                _refuse(store, db, row["order_id"], "unreadable", f"指令无法解读:{error!r}")
    return len(due)


def _execute(store: Store, db: sqlite3.Connection, order_id: str, refuse: bool) -> None:
    row = db.execute(
        "SELECT * FROM orders WHERE order_id = ? AND state = 'waiting'", (order_id,)
    ).fetchone()
    if row is None:
        return
    data = json.loads(row["data"])
    undone = acts.undo(db, row["cancels"]) if row["cancels"] else []
    if row["kind"] == "revocation":
        result = "executed" if all(act.ok for act in undone) else "partial"
        note = f"已恢复 {sum(act.ok for act in undone)} 项" if undone else "原指令未曾执行,已作废"
        return _answer(store, db, order_id, result, undone, note)
    refusal = _why_not(db, row, data, refuse)
    if refusal:
        return _refuse(store, db, order_id, *refusal)
    result, done, note = acts.decide(db, data)
    for act in done:
        if act.ok:
            acts.apply(db, row, act)
    return _answer(store, db, order_id, result, done, note, acts.reached(done))


def _why_not(
    db: sqlite3.Connection, row: sqlite3.Row, data: dict, refuse: bool
) -> tuple[str, str] | None:
    """Reason code and reason for refusing an order, or None."""
    order_id = row["order_id"]
    cancelling = "SELECT kind FROM orders WHERE cancels = ? ORDER BY kind DESC"
    ended = db.execute(cancelling, (order_id,)).fetchone()
    if ended and ended["kind"] == "revocation":
        return "revoked", "该指令已被撤销,不予执行"
    if ended:
        return "superseded", "该指令已被新指令替代,不予执行"
    expires = _unix(data.get("expires_at"))
    if expires is not None and expires < time.time():
        return "expired", "指令已过有效期"
    if refuse:
        return "platform_declined", "平台经复核不予执行"
    return None


def _answer(
    store: Store,
    db: sqlite3.Connection,
    order_id: str,
    result: str,
    done: list[acts.Act],
    note: str,
    reached: int | None = None,
) -> None:
    answer = {
        "order_id": order_id,
        "result": result,
        "at": client.now_rfc3339(),
        "done": [act.as_answer() for act in acts.summary(done)],
        "reached": reached,
        "note": note,
    }
    _close(store, db, order_id, result, note, "order.executed", answer)


def _store_outcomes(db: sqlite3.Connection, envelope: dict) -> None:
    """The outcomes of our reports; an older message that arrives late changes nothing."""
    store = """INSERT INTO outcomes VALUES (?, ?, ?) ON CONFLICT (report_id) DO UPDATE
              SET seq = excluded.seq, status = excluded.status WHERE excluded.seq > seq"""
    try:
        for report in envelope["data"]["reports"]:
            db.execute(store, (report["report_id"], envelope["seq"], report["status"]))
    except (KeyError, TypeError, sqlite3.Error) as error:
        raise Malformed(f"cannot read report.updated: {error!r}") from error


def _store_notice(db: sqlite3.Connection, envelope: dict) -> None:
    """A reminder or the outcome of an appeal, for a person at the platform to read."""
    data = envelope.get("data") or {}
    ref = str(data.get("appeal_id") or data.get("order_id") or "")
    text = json.dumps(data, ensure_ascii=False)
    notice = (envelope["type"], ref, data.get("state") or "", text)
    db.execute("INSERT INTO notices (type, ref, state, data) VALUES (?, ?, ?, ?)", notice)


def _refuse(
    store: Store, db: sqlite3.Connection, order_id: str, reason_code: str, reason: str
) -> None:
    answer = {
        "order_id": order_id,
        "at": client.now_rfc3339(),
        "reason": reason,
        "reason_code": reason_code,
    }
    _close(store, db, order_id, "refused", reason, "order.refused", answer)


def _close(
    store: Store,
    db: sqlite3.Connection,
    order_id: str,
    state: str,
    note: str,
    kind: str,
    answer: dict,
) -> None:
    closing = (state, note, order_id)
    db.execute("UPDATE orders SET state = ?, note = ? WHERE order_id = ?", closing)
    store.enqueue(kind, order_id, answer)
