"""What one report costs among ten thousand and among a million known claims, in PostgreSQL.

Vectors are made from real ones: two of them mixed, plus noise. Texts are drawn words, so that
fingerprints and bands are those of texts. Rows come in by binary COPY, indexes are made after.
Half of the queries repeat a known claim with a word changed, half are new.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder, default_encoder_dir, unit
from classifiers.fingerprint import fingerprint
from classifiers.matching import View, views
from classifiers.normalize import normalize
from tests.bench import mix

SHORT, FULL = 20_000, 1_000_000
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
QUERIES = 300
CHUNK = 2_000
PIECE = 50_000  # claims loaded in one transaction
NOISE = 0.04  # a coordinate's deviation: two claims made of one real vector have a cosine of .6
SEED = 20_200_220
_BAND_ROW = np.dtype([("n", ">i2"), ("l1", ">i4"), ("band", ">i8"), ("l2", ">i4"), ("id", ">i8")])


def measure(claims: int = SHORT, home: Path | None = None) -> dict[str, Any]:
    """Milliseconds of a match and of keeping a new wording, at each size up to `claims`.

    With `home` the database stays there, and a run that was cut short goes on where it was.
    """
    if home is None:
        with tempfile.TemporaryDirectory(prefix="hubbench-") as made:
            return measure(claims, Path(made))
    from hub.runner.embedded import Postgres

    os.environ.update(HUB_INSTANCE=str(home))
    postgres = Postgres(home / "pg")
    os.environ.update(DATABASE_URL=postgres.start())
    try:
        return _grow(claims, home / "curve.json")
    finally:
        postgres.stop()


def _grow(claims: int, kept: Path) -> dict[str, Any]:
    from hub.config import settings
    from hub.database import engine
    from hub.services.installation import schema

    claims = -(-claims // CHUNK) * CHUNK

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    encoder = Encoder.load(default_encoder_dir())
    maker = Maker(encoder)
    curve = json.loads(kept.read_text()) if kept.exists() else []
    for size in [s for s in SIZES if s < claims] + [claims]:
        if any(point["claims"] == size for point in curve):
            continue
        began = time.perf_counter()
        with engine().begin() as connection:
            loaded = connection.scalar(text("SELECT count(*) FROM claim"))
            if loaded < size:
                _without_indexes(connection)
        for first in range(loaded, size, PIECE):
            with engine().begin() as connection:
                _load(connection, maker, encoder, first, min(first + PIECE, size))
        copied = time.perf_counter()
        _index(encoder.dim)
        point = {
            "claims": size,
            "load_s": round(copied - began, 1),
            "index_s": round(time.perf_counter() - copied, 1),
            **_ask(maker, encoder, size),
        }
        print(json.dumps(point), file=sys.stderr, flush=True)
        curve.append(point)
        kept.write_text(json.dumps(curve))
    return {
        "match_curve": curve,
        "match_p95_ms": curve[-1]["match_p95_ms"],
        "load_average": os.getloadavg()[0],
        "match_cpu_growth": round(curve[-1]["match_cpu_ms"] / curve[0]["match_cpu_ms"], 2),
        "match_cost_growth": round(curve[-1]["report_ms"] / curve[0]["report_ms"], 2),
    }


class Maker:
    """Texts and vectors of claim number n, the same whenever it is asked again."""

    def __init__(self, encoder: Encoder):
        from classifiers.segment import words

        texts = mix.viral(1500, SEED)
        self._real = encoder.encode([normalize(t) for t in dict.fromkeys(texts)])
        self._words = sorted({w for t in texts for w in words(normalize(t)) if len(w) > 1})

    def words(self, number: int) -> list[str]:
        """The words of a claim: 8 to 24 drawn ones."""
        rng = random.Random(SEED + number)
        return rng.choices(self._words, k=rng.randint(8, 24))

    def vectors(self, first: int, n: int) -> np.ndarray:
        """float32 (n, dim) of the claims from `first`, which is a multiple of CHUNK."""
        rng = np.random.default_rng([SEED, first])
        one, other = (self._real[rng.integers(0, len(self._real), n)] for _ in range(2))
        share = rng.uniform(0.3, 1.0, (n, 1)).astype(np.float32)
        noise = rng.normal(0, NOISE, one.shape).astype(np.float32)
        return unit(share * one + (1 - share) * other + noise)


def _without_indexes(connection: Connection) -> None:
    """Drop what makes loading slow: the vectors' index, and the keys of the bands."""
    connection.execute(text("DROP INDEX IF EXISTS ix_bench_vectors, ix_bench_bands"))
    found = connection.scalars(
        text("SELECT conname FROM pg_constraint WHERE conrelid = 'wording_band'::regclass")
    ).all()
    for name in found:
        kind = "ALTER TABLE wording_band DROP CONSTRAINT IF EXISTS"
        connection.execute(text(f'{kind} "{name}"'))


def _load(connection: Connection, maker: Maker, encoder: Encoder, first: int, until: int) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    register_vector(raw)
    connection.execute(
        text(
            "INSERT INTO claim (id) OVERRIDING SYSTEM VALUE "
            "SELECT generate_series(CAST(:a AS int), CAST(:b AS int))"
        ),
        {"a": first + 1, "b": until},
    )
    with raw.cursor() as cursor:
        for start in range(first, until, CHUNK):
            numbers = range(start, min(start + CHUNK, until))
            rows, bands = _rows(maker, encoder.version, numbers)
            columns = "id, claim_id, key, text, signature, embedding, encoder, assessment"
            with cursor.copy(f"COPY wording ({columns}) FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.set_types(
                    ["int8", "int8", "varchar", "text", "bytea", "halfvec", "varchar", "jsonb"]
                )
                for row in rows:
                    copy.write_row(row)
            with cursor.copy(
                "COPY wording_band (band, wording_id) FROM STDIN (FORMAT BINARY)"
            ) as c:
                c.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + bands.tobytes() + b"\xff\xff")
            if sys.stderr.isatty():
                print(f"\r{numbers[-1] + 1} of {until} loaded", end="", file=sys.stderr)


def _rows(maker: Maker, version: str, numbers: Sequence[int]) -> tuple[Iterator[tuple], np.ndarray]:
    """Rows of `wording` and, as COPY's binary form has them, of `wording_band`."""
    from psycopg.types.json import Jsonb

    vectors = maker.vectors(numbers[0], len(numbers)).astype(np.float16)
    texts = ["".join(maker.words(number)) for number in numbers]
    prints = [fingerprint(each) for each in texts]
    keys = (hashlib.sha256(f"{number}".encode()).hexdigest() for number in numbers)
    nothing = Jsonb({})
    rows = (
        (n + 1, n + 1, key, said, found.signature, HalfVector(vector), version, nothing)
        for n, key, said, found, vector in zip(numbers, keys, texts, prints, vectors, strict=True)
    )
    pairs = [(band, n + 1) for n, found in zip(numbers, prints, strict=True)
             for band in set(found.bands)]  # fmt: skip
    bands = np.empty(len(pairs), _BAND_ROW)
    bands["n"], bands["l1"], bands["l2"] = 2, 8, 8
    bands["band"], bands["id"] = np.array(pairs, np.int64).T
    return rows, bands


def _index(dim: int) -> None:
    """The indexes the hub makes, under the bench's names."""
    from hub.database import autocommit

    with autocommit() as connection:
        for statement in (
            "SET statement_timeout = 0",
            "SET maintenance_work_mem = '3GB'",
            "CREATE UNIQUE INDEX IF NOT EXISTS ix_bench_bands ON wording_band (band, wording_id)",
            "CREATE INDEX IF NOT EXISTS ix_bench_vectors ON wording USING hnsw "
            f"((embedding::halfvec({dim})) halfvec_cosine_ops) "
            f"WHERE claim_id IS NOT NULL AND vector_dims(embedding) = {dim}",
            "SELECT setval(pg_get_serial_sequence('wording', 'id'), (SELECT max(id) FROM wording))",
            "SELECT setval(pg_get_serial_sequence('claim', 'id'), (SELECT max(id) FROM claim))",
            "VACUUM ANALYZE",
            "RESET ALL",
        ):
            connection.execute(text(statement))


def _queries(maker: Maker, encoder: Encoder, size: int) -> list[View]:
    """Half known claims with one word dropped and a vector nearby, half unheard-of ones."""
    rng = np.random.default_rng(SEED + size)
    made = []
    for i in range(QUERIES):
        known = int(rng.integers(0, size // CHUNK)) * CHUNK if i % 2 else size + CHUNK * (i + 1)
        at = int(rng.integers(0, CHUNK)) if i % 2 else 0
        vector = maker.vectors(known, CHUNK if i % 2 else 1)[at]
        said = maker.words(known + at)
        near = unit(vector + rng.normal(0, NOISE / 8, vector.shape).astype(np.float32))
        (view,) = views(["".join(said[:-1] if i % 2 else said)], encoder)
        made.append(dataclasses.replace(view, vector=near))
    return made


def _ask(maker: Maker, encoder: Encoder, size: int) -> dict[str, float]:
    from hub import locks
    from hub.database import engine
    from hub.locks import Lock
    from hub.services.reports.reading import Reading
    from hub.services.rumors import wordings
    from hub.services.rumors.neighbours import Neighbours

    def match(view: View) -> bool:
        found = Neighbours.of(session, [view], encoder).matches(0)
        return bool(found) and found[0].verdict == "same"

    asked = _queries(maker, encoder, size)
    took: list[float] = []
    kept: list[float] = []
    joined = 0
    with Session(engine()) as session:
        server = psutil.Process(session.scalar(text("SELECT pg_backend_pid()")))
        for view in asked[:50]:  # what a running hub has in its caches
            match(view)
        spent = _cpu(server)
        for view in asked:
            match(view)
        spent = _cpu(server) - spent
        for view in asked:
            locks.hold(session, Lock.CLAIMS)
            began = time.perf_counter()
            joined += match(view)
            matched = time.perf_counter()
            wordings.settle(session, encoder, {view.key: Reading(view, {})}, [view.key])
            took.append(matched - began)
            kept.append(time.perf_counter() - matched - took[-1])  # it matches once more
            session.rollback()
    p50, p95 = np.percentile(took, [50, 95]) * 1000
    return {
        "match_p50_ms": round(float(p50), 2),
        "match_p95_ms": round(float(p95), 2),
        "match_cpu_ms": round(spent * 1000 / len(asked), 2),
        "keep_ms": round(float(np.mean(kept)) * 1000, 2),
        "report_ms": round(float(np.mean(took) + np.mean(kept)) * 1000, 2),
        "known_joined": round(joined / (QUERIES / 2), 3),
    }


def _cpu(server: psutil.Process) -> float:
    """Seconds of processor time this process and its database server have used: a figure that
    other work on the machine does not change."""
    return sum(sum(each.cpu_times()[:2]) for each in (psutil.Process(), server))
