"""What a page of the desk costs: processor time, of Python and of PostgreSQL, and statements.

`python -m tests.bench.pages --home DIR` on a hub that `tests.bench.desk --home DIR` has filled.
One process asks itself for the bench's own pages, one after another, so that the figures mean
something on a busy machine too; `--profile PAGE` prints where Python's time goes.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import gc
import json
import os
import pstats
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.desk import PASSWORD, cases_in, page_of


@contextlib.contextmanager
def _servers(home: Path) -> Iterator[int]:
    """The filled hub's PostgreSQL and Valkey alone; yields the former's process id."""
    from hub.config import settings
    from hub.runner.embedded import Postgres, Valkey
    from hub.runner.serve import _locked

    os.environ["HUB_INSTANCE"] = str(home)
    with _locked(home), contextlib.ExitStack() as stack:
        postgres, valkey = Postgres(home / "postgres"), Valkey(home / "valkey")
        stack.callback(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.start()
        stack.callback(valkey.stop)
        os.environ["REDIS_URL"] = valkey.start()
        settings.cache_clear()
        yield int((home / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def measure(home: Path, rounds: int, profile: str = "") -> dict[str, Any]:
    """Means by kind of page; times in milliseconds of processor time."""
    with _servers(home.resolve()) as postmaster:
        from hub.database import engine
        from hub.services.installation import schema

        schema.upgrade(engine())
        return _pages(postmaster, rounds, profile)


def _pages(postmaster: int, rounds: int, profile: str) -> dict[str, Any]:
    from sqlalchemy import event

    from hub.database import ENGINES

    statements: Counter[str] = Counter()
    for each in (open_() for open_ in ENGINES):
        event.listen(each, "before_cursor_execute", lambda *_: statements.update(("statements",)))
        for name in ("begin", "commit", "rollback"):
            event.listen(each, name, lambda *_: statements.update(("transactions",)))
    client = _officer()
    wanted = _wanted(client, rounds)
    for path in [path for paths in wanted.values() for path in paths[:5]]:
        client.get(path)  # what is made once is made
    gc.collect()
    gc.freeze()
    figures: dict[str, Any] = {}
    watch = cProfile.Profile()
    for name, paths in wanted.items():
        statements.clear()
        db, began = _cpu(postmaster), time.process_time()
        size = 0
        if name == profile:
            watch.enable()
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            size += len(answer.data)
        watch.disable()
        spent = time.process_time() - began
        figures[name] = {
            "python_ms": round(spent * 1000 / len(paths), 1),
            "postgres_ms": round((_cpu(postmaster) - db) * 1000 / len(paths), 1),
            "statements": round(statements["statements"] / len(paths), 1),
            "kb": round(size / 1024 / len(paths), 1),
        }
    if profile:
        pstats.Stats(watch).sort_stats("cumulative").print_stats(70)
        pstats.Stats(watch).sort_stats("tottime").print_stats(45)
    return figures


def _officer() -> Any:
    from wsgi import app  # as gunicorn has it

    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token
    form = {"username": "clerk1", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/login", data=form).status_code == 303
    return client


def _wanted(client: Any, rounds: int) -> dict[str, list[str]]:
    """`rounds` addresses of each kind, drawn as the bench's officers draw them."""
    draw = random.Random(5)
    cases = [n for p in range(1, 6) for n in cases_in(client.get(f"/queue?page={p}").text)]
    wanted: dict[str, list[str]] = defaultdict(list)
    while len(wanted) < 5 or min(map(len, wanted.values())) < rounds:
        name, path = page_of(draw, cases)
        if len(wanted[name]) < rounds:
            wanted[name].append(path)
    return dict(sorted(wanted.items()))


def _cpu(postmaster: int) -> float:
    """Seconds of processor time that PostgreSQL's sessions have taken."""
    total = 0.0
    for child in psutil.Process(postmaster).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            total += times.user + times.system
    return total


def main() -> None:
    """Print the figures; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=40, help="pages of each kind")
    parser.add_argument("--profile", default="", help="queue, tab, filtered, search or case")
    options = parser.parse_args()
    print(json.dumps(measure(options.home, options.rounds, options.profile)))


if __name__ == "__main__":
    main()
