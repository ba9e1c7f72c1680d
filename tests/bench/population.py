"""One merchant, many shops: a made-up population, reports in random order, pairs counted.

`python -m tests.bench population` takes 200,000 merchants; `--merchants` others. Pairs are pairs
of shops: two shops the hub gives to one merchant, against two shops that are one merchant's.
Each report's resolve is timed by itself, and every twentieth time a bare insert beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.bench import people

MERCHANTS = 200_000
COMMIT_EVERY = 200
BARE = text("INSERT INTO bench_row (id, raw) VALUES (:id, :raw)")


def measure(merchants: int = MERCHANTS, sparse: bool = False) -> dict[str, float]:
    """Precision and recall of joins, suggestions apart, and milliseconds a report."""
    from hub.runner.embedded import Postgres

    with tempfile.TemporaryDirectory(prefix="hubbench-") as home:
        os.environ.update(HUB_INSTANCE=home)
        postgres = Postgres(Path(home) / "pg")
        os.environ.update(DATABASE_URL=postgres.start())
        try:
            session = _prepare()
            rates = people.Rates()
            if sparse:
                rates = replace(rates, id_number=0.35, phone=0.4, payout_account=0.3)
            return run(session, merchants, rates)
        finally:
            session.close()
            postgres.stop()


def _prepare() -> Session:
    from hub.config import settings
    from hub.database import engine
    from hub.services import schema

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    return Session(engine(), expire_on_commit=False)


def run(session: Session, merchants: int, rates: people.Rates | None = None) -> dict[str, float]:
    """Send the whole population through `subjects.resolve` on an empty database."""
    everybody = people.population(merchants)
    truth, times, bare = _resolve_all(session, everybody, rates)
    found = _pairs(session, truth)
    found |= _suggestions(session, truth)
    found |= _milliseconds(times, bare)
    return {"merchants": merchants, "reports": len(times), "shops": len(truth), **found}


def _resolve_all(session: Session, everybody: list[people.Merchant], rates: people.Rates | None):
    from hub.services import identities, joining, matching, subjects
    from models import Platform

    session.execute(text("CREATE TABLE IF NOT EXISTS bench_row (id bigint PRIMARY KEY, raw text)"))
    made = [Platform(slug=f"p{i}", name=f"p{i}", endpoint="http://127.0.0.1:9/") for i in range(5)]
    session.add_all(made)
    session.commit()
    platform_ids = [p.id for p in made]
    truth: dict[tuple[int, str], int] = {}
    times: list[float] = []
    bare: list[float] = []
    for number, (merchant, at, ref) in enumerate(people.reports(everybody, rates)):
        truth[(platform_ids[at], ref["shop_id"])] = merchant
        identities.at_the_door(ref, "subject")  # at the door, not in the worker
        if number % COMMIT_EVERY == 0:
            joining.write_notes(session)
            session.commit()
            session.expunge_all()
            matching.alone(session)
            _say(number, times)
        began = time.perf_counter()
        subjects.resolve(session, platform_ids[at], ref, number)
        session.flush()
        times.append(time.perf_counter() - began)
        if number % 20 == 0:
            began = time.perf_counter()
            session.execute(BARE, {"id": number, "raw": json.dumps(ref)})
            bare.append(time.perf_counter() - began)
    joining.write_notes(session)
    session.commit()
    return truth, times, bare


def _say(number: int, times: list[float]) -> None:
    if number and number % 20_000 == 0:
        last = statistics.median(times[-20_000:]) * 1000
        print(f"{number} reports, last median {last:.2f} ms", file=sys.stderr, flush=True)


def _pairs(session: Session, truth: dict[tuple[int, str], int]) -> dict[str, float]:
    from models import Shop

    rows = session.execute(select(Shop.platform_id, Shop.shop_id, Shop.subject_id)).all()
    together = Counter((truth[(p, s)], subject) for p, s, subject in rows)
    right = _two_of(together.values())
    said = _two_of(Counter(subject for _, _, subject in rows).values())
    are = _two_of(Counter(truth.values()).values())
    return {
        "pair_precision": round(right / said, 5) if said else 1.0,
        "pair_recall": round(right / are, 4),
        "pairs": are,
        "wrong_pairs": said - right,
    }


def _two_of(sizes: Any) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def _suggestions(session: Session, truth: dict[tuple[int, str], int]) -> dict[str, float]:
    """How many suggestions are right, and what share of the merchants that lie in several
    pieces has one that says so."""
    from models import SharedValue, Shop, Subject, SubjectPair

    rows = session.execute(select(Shop.platform_id, Shop.shop_id, Shop.subject_id))
    merchants: dict[int, set[int]] = {}
    for platform_id, shop_id, subject in rows:
        merchants.setdefault(subject, set()).add(truth[(platform_id, shop_id)])
    pieces: dict[int, set[int]] = {}
    for subject, of in merchants.items():
        for merchant in of:
            pieces.setdefault(merchant, set()).add(subject)
    broken = {m for m, of in pieces.items() if len(of) > 1}
    live = select(Subject.id).where(Subject.merged_into_id.is_(None))
    asked = session.execute(
        select(SubjectPair.a_id, SubjectPair.b_id).where(
            SubjectPair.state == "suggested",
            SubjectPair.a_id.in_(live),
            SubjectPair.b_id.in_(live),
        )
    ).all()
    hits = [merchants.get(a, set()) & merchants.get(b, set()) for a, b in asked]
    helped = set().union(*hits) & broken if hits else set()
    stopped = session.scalars(select(SharedValue.kind).where(SharedValue.stopped)).all()
    return {
        "suggestions": len(asked),
        "suggestions_right": round(sum(map(bool, hits)) / len(asked), 3) if asked else 0.0,
        "merchants_in_pieces": len(broken),
        "of_them_suggested": round(len(helped) / len(broken), 3) if broken else 1.0,
        "values_stopped": len(stopped),
    }


def _milliseconds(times: list[float], bare: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    late = sorted(times[len(times) * 9 // 10 :])  # when the tables are full
    median, one = statistics.median(ordered), statistics.median(bare)
    return {
        "resolve_median_ms": round(median * 1000, 3),
        "resolve_p95_ms": round(ordered[len(ordered) * 95 // 100] * 1000, 3),
        "last_tenth_median_ms": round(statistics.median(late) * 1000, 3),
        "last_tenth_p95_ms": round(late[len(late) * 95 // 100] * 1000, 3),
        "bare_insert_median_ms": round(one * 1000, 3),
        "bare_inserts_a_report": round(median / one, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS)
    parser.add_argument("--sparse", action="store_true", help="half as many numbers stated")
    told = parser.parse_args()
    print(json.dumps(measure(told.merchants, told.sparse)))
