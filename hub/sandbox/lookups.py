"""Answers to `subject.lookup`: is one of our merchants the one that is looked for?

What comes are salted hashes. Each of our own codes and names is hashed with the same salt and
compared; of a merchant that we do not have we learn nothing but that it is looked for.
"""

import base64
import hashlib
import unicodedata

from hub.sandbox import client

MOST_ITERATIONS = 100_000


def answer(store, db, data: dict) -> None:
    """Queue `subject.found` or `subject.absent`. Raises KeyError, TypeError or ValueError."""
    salt = base64.b64decode(data["salt"], validate=True)
    iterations = int(data["iterations"])
    if not 1 <= iterations <= MOST_ITERATIONS:
        raise ValueError(f"{iterations} iterations are no sensible cost")
    wanted = {(key["kind"], key["hash"]) for key in data["keys"]}
    shops = []
    for row in db.execute("SELECT * FROM shops ORDER BY shop_id").fetchall():
        fits = [
            kind
            for kind, value in (
                ("uscc", row["uscc"]), ("name", row["merchant_name"]), ("name", row["shop_name"])
            )
            if value and (kind, _salted(value, salt, iterations)) in wanted
        ]  # fmt: skip
        if fits:
            shop = {"shop_id": row["shop_id"], "shop_name": row["shop_name"]}
            shops.append(shop | {"by": list(dict.fromkeys(fits))})
    said = {"lookup_id": data["lookup_id"], "at": client.now_rfc3339()}
    if shops:
        store.enqueue("subject.found", data["lookup_id"], said | {"shops": shops[:500]})
    else:
        store.enqueue("subject.absent", data["lookup_id"], said)


def correct(db, data: dict) -> None:
    """The hub found that what we told of a merchant is wrong: put it right for our shops."""
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
