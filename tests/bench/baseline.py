"""The bare minimum intake is compared with: verify one HMAC, insert one row, answer 202.

`gunicorn tests.bench.baseline:app`, with the same workers and threads as the hub.
"""

from __future__ import annotations

import base64
import hmac
import os

from flask import Flask, jsonify, request
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"], pool_size=20)
SECRET = base64.b64decode(os.environ["BENCH_SECRET"].removeprefix("whsec_"))
INSERT = text("INSERT INTO bench_row (id, raw) VALUES (:id, :raw)")


@app.post("/webhooks/<slug>")
def receive(slug: str):
    raw = request.get_data()
    id_, now = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    mac = hmac.digest(SECRET, f"{id_}.{now}.".encode() + raw, "sha256")
    given = base64.b64decode(request.headers["webhook-signature"].removeprefix("v1,"))
    if not hmac.compare_digest(mac, given):
        return jsonify(error="signature"), 401
    with engine.begin() as connection:
        connection.execute(INSERT, {"id": id_, "raw": raw})
    return jsonify(receipt=id_), 202
