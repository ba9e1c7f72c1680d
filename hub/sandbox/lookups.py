"""Answers to `subject.lookup`: is one of our merchants the wanted one?

The lookup contains salted hashes. Each of our own codes and names is hashed with the same salt and
compared; about a merchant that we do not have we learn only that it is wanted.
"""

import base64
import hashlib
import sqlite3
import unicodedata

from hub.sandbox import client
from hub.sandbox.store import Store

MOST_ITERATIONS = 100_000


def answer(store: Store, db: sqlite3.Connection, data: dict) -> None:
    """Queue `subject.found` or `subject.absent`. Raises KeyError, TypeError or ValueError."""
    salt = base64.b64decode(data["salt"], validate=True)
    iterations = int(data["iterations"])
    if not 1 <= iterations <= MOST_ITERATIONS:
        raise ValueError(f"{iterations} iterations are out of range")
    wanted = {(key["kind"], key["hash"]) for key in data["keys"]}
    shops = []
    for row in db.execute("SELECT * FROM shops ORDER BY shop_id").fetchall():
        matching = [
            kind
            for kind, value in (
                ("uscc", row["uscc"]), ("name", row["merchant_name"]), ("name", row["shop_name"])
            )
            if value and (kind, _salted(value, salt, iterations)) in wanted
        ]  # fmt: skip
        if matching:
            shop = {"shop_id": row["shop_id"], "shop_name": row["shop_name"]}
            shops.append(shop | {"by": list(dict.fromkeys(matching))})
    message = {"lookup_id": data["lookup_id"], "at": client.now_rfc3339()}
    if shops:
        store.enqueue("subject.found", data["lookup_id"], message | {"shops": shops[:500]})
    else:
        store.enqueue("subject.absent", data["lookup_id"], message)


def correct(db: sqlite3.Connection, data: dict) -> None:
    """Apply the hub's correction of a merchant's data to our shops. Raises KeyError."""
    column = {"legal_name": "merchant_name", "uscc": "uscc"}[data["field"]]
    for shop_id in data["shops"]:
        db.execute(
            f"UPDATE shops SET {column} = ? WHERE shop_id = ? AND {column} = ?",
            (data["corrected"], shop_id, data["yours"]),
        )


def _salted(value: str, salt: bytes, iterations: int) -> str:
    folded = unicodedata.normalize("NFKC", value).lower()
    form = "".join(c for c in folded if c.isalnum())
    return hashlib.pbkdf2_hmac("sha256", form.encode("utf-8", "replace"), salt, iterations).hex()
