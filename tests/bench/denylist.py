"""A thousand merchants asked against a large deny-list, over WSGI, token and all."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

MERCHANTS, BARRED, QUESTIONS, EACH = 200_000, 20_000, 200, 1_000

# One merchant a number; every tenth is barred. Rows as the hub would have written them.
_FILL = """
INSERT INTO merchant (uscc, name) SELECT 'U' || n, '商户' || n FROM generate_series(1, {all}) n;
INSERT INTO identity (merchant_id, kind, value, platform_id)
SELECT id, 'legal_name', name, 1 FROM merchant;
INSERT INTO "user" (username, name, role, password_hash)
VALUES ('h', 'h', 'handler', '-'), ('a', 'a', 'approver', '-');
INSERT INTO "case" (kind, title, merchant_id, assessment, live)
SELECT 'violation', '案', n * 10, '{{}}', false FROM generate_series(1, {barred}) n;
INSERT INTO decision (case_id, version, state, measures, facts, proposed_by_id, approved_by_id,
                      approved_at)
SELECT id, 1, 'APPROVED', '[]', '事实', 1, 2, now() FROM "case";
INSERT INTO deny_entry (version, merchant_id, decision_id, reason)
SELECT d.id, c.merchant_id, d.id, '事实' FROM decision d JOIN "case" c ON c.id = d.case_id;
ANALYZE
"""


def measure() -> dict[str, Any]:
    """Milliseconds of a question, median and 99th percentile; of a bare look-up of its codes."""
    from hub.runner.embedded import Postgres, Valkey

    with tempfile.TemporaryDirectory(prefix="hubbench-") as home:
        os.environ.update(HUB_INSTANCE=home)
        postgres, valkey = Postgres(Path(home) / "pg"), Valkey(Path(home) / "valkey")
        os.environ.update(DATABASE_URL=postgres.start(), REDIS_URL=valkey.start())
        try:
            return _measure()
        finally:
            valkey.stop()
            postgres.stop()


def _measure() -> dict[str, Any]:
    from hub.config import settings
    from hub.database import engine, session_scope
    from hub.services.installation import schema
    from hub.services.platforms import directory

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    with session_scope() as session:
        token = directory.register(session, "jd", "京东", "http://127.0.0.1:9/").token
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _FILL.format(all=MERCHANTS, barred=BARRED).split(";"):
            connection.execute(text(statement))
    from wsgi import app  # as gunicorn loads it

    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    times, bare, denied = [], [], 0
    for question in range(QUESTIONS + 1):  # the first loads the table of traditional characters
        numbers = [(question * 7919 + n * 104_729) % MERCHANTS + 1 for n in range(EACH)]
        asked = [{"uscc": f"U{n}"} if n % 2 else {"merchant_name": f"商户{n}"} for n in numbers]
        body = json.dumps({"merchants": asked})
        began = time.perf_counter()
        answer = client.post("/api/v1/denylist/check", data=body, headers=headers)
        times.append((time.perf_counter() - began) * 1000)
        denied += sum(r["verdict"] != "clear" for r in answer.get_json()["results"])
        began = time.perf_counter()
        with engine().connect() as connection:
            connection.execute(_BARE, {"codes": [f"U{n}" for n in numbers]}).all()
        bare.append((time.perf_counter() - began) * 1000)
    return {
        "denylist_merchants": MERCHANTS,
        "denylist_barred": BARRED,
        "denylist_found": denied,
        "denylist_check_ms": round(statistics.median(times[1:]), 1),
        "denylist_check_p99_ms": round(statistics.quantiles(times[1:], n=100)[98], 1),
        "denylist_bare_lookup_ms": round(statistics.median(bare), 1),
    }


_BARE = text("SELECT id FROM merchant WHERE uscc = ANY(:codes)")
