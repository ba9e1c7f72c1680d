"""One merchant, many shops: a made-up population, reports in random order, pairs counted.

`python -m tests.bench population` takes 200,000 merchants; `--merchants` others. Pairs are pairs
of shops: two shops the hub gives to one merchant, against two shops that are one merchant's.
Each report's resolve is timed by itself, and every twentieth time a bare insert beside it.
`python -m tests.bench.population --home DIR --minutes N` stops after N minutes and goes on from
there when called again: exit status 3 until it is done.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import struct
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.bench import people

MERCHANTS = 200_000
COMMIT_EVERY = 200
BARE = text("INSERT INTO bench_row (id, raw) VALUES (:id, :raw)")


class Unfinished(Exception):
    """The time of this piece is over; what was done lies in its home."""


@dataclass
class Done:
    """How far a run has come: seconds of each resolve, and of each bare insert."""

    file: Path | None = None
    until: float = math.inf  # on the monotonic clock
    times: array[float] = field(default_factory=lambda: array("d"))
    bare: array[float] = field(default_factory=lambda: array("d"))

    def load(self) -> None:
        if self.file and self.file.exists():
            with self.file.open("rb") as kept:
                n, m = struct.unpack("qq", kept.read(16))
                self.times.fromfile(kept, n)
                self.bare.fromfile(kept, m)

    def save(self) -> None:
        if self.file:
            with self.file.open("wb") as kept:
                kept.write(struct.pack("qq", len(self.times), len(self.bare)))
                self.times.tofile(kept)
                self.bare.tofile(kept)


def measure(
    merchants: int = MERCHANTS,
    sparse: bool = False,
    home: Path | None = None,
    minutes: float = math.inf,
) -> dict[str, float]:
    """Precision and recall of joins, suggestions apart, and milliseconds a report. Raises
    Unfinished when the minutes are over first."""
    with ExitStack() as stack:
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hubbench-")))
        home.mkdir(parents=True, exist_ok=True)
        from hub.runner.embedded import Postgres

        postgres = Postgres(home / "pg")
        os.environ.update(HUB_INSTANCE=str(home), DATABASE_URL=postgres.start())
        stack.callback(postgres.stop)
        session = stack.enter_context(_prepare())
        rates = people.Rates()
        if sparse:
            rates = replace(rates, id_number=0.35, phone=0.4, payout_account=0.3)
        done = Done(home / "done", time.monotonic() + minutes * 60)
        done.load()
        return run(session, merchants, rates, done)


def _prepare() -> Session:
    from hub.config import settings
    from hub.database import engine
    from hub.services.installation import schema

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    return Session(engine(), expire_on_commit=False)


def run(
    session: Session,
    merchants: int,
    rates: people.Rates | None = None,
    done: Done | None = None,
) -> dict[str, float]:
    """Send the whole population through `merchants.resolve`, on an empty database or on the one
    that the pieces before left."""
    done = done or Done()
    truth = _resolve_all(session, people.population(merchants), rates, done)
    found = _pairs(session, truth)
    found |= _suggestions(session, truth)
    found |= _milliseconds(done.times, done.bare)
    return {"merchants": merchants, "reports": len(done.times), "shops": len(truth), **found}


def _platform_ids(session: Session) -> list[int]:
    from models import Platform

    session.execute(text("CREATE TABLE IF NOT EXISTS bench_row (id bigint PRIMARY KEY, raw text)"))
    if not session.scalar(select(func.count()).select_from(Platform)):
        where = "http://127.0.0.1:9/"
        session.add_all(Platform(slug=f"p{i}", name=f"p{i}", endpoint=where) for i in range(5))
    session.commit()
    return list(session.scalars(select(Platform.id).order_by(Platform.id)))


def _resolve_all(
    session: Session,
    everybody: list[people.Merchant],
    rates: people.Rates | None,
    done: Done,
) -> dict[tuple[int, str], int]:
    from hub import locks
    from hub.locks import Lock
    from hub.services.merchants import resolution
    from hub.services.privacy import identities

    platform_ids = _platform_ids(session)
    truth: dict[tuple[int, str], int] = {}
    times, bare, before = done.times, done.bare, len(done.times)
    for number, (merchant, at, ref) in enumerate(people.reports(everybody, rates)):
        truth[(platform_ids[at], ref["shop_id"])] = merchant
        if number < before:  # of an earlier piece
            continue
        identities.hash_numbers(ref, "subject")  # at the door, not in the worker
        if number % COMMIT_EVERY == 0:
            session.commit()
            session.expunge_all()
            if time.monotonic() > done.until:
                done.save()
                raise Unfinished(f"{number} reports")
            _say(number, times)
        locks.hold(session, Lock.CLAIMS)
        began = time.perf_counter()
        resolution.resolve(session, platform_ids[at], ref, number)
        session.flush()
        times.append(time.perf_counter() - began)
        if number % 20 == 0:
            began = time.perf_counter()
            session.execute(BARE, {"id": number, "raw": json.dumps(ref)})
            bare.append(time.perf_counter() - began)
    session.commit()
    done.save()
    return truth


def _say(number: int, times: Sequence[float]) -> None:
    if number and number % 20_000 == 0:
        last = statistics.median(times[-20_000:]) * 1000
        print(f"{number} reports, last median {last:.2f} ms", file=sys.stderr, flush=True)


def _pairs(session: Session, truth: dict[tuple[int, str], int]) -> dict[str, float]:
    from models import Shop

    rows = session.execute(select(Shop.platform_id, Shop.shop_id, Shop.merchant_id)).all()
    together = Counter((truth[(p, s)], merchant) for p, s, merchant in rows)
    right = _two_of(together.values())
    said = _two_of(Counter(merchant for _, _, merchant in rows).values())
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
    from models import Merchant, MerchantPair, SharedValue, Shop

    rows = session.execute(select(Shop.platform_id, Shop.shop_id, Shop.merchant_id))
    merchants: dict[int, set[int]] = {}
    for platform_id, shop_id, merchant in rows:
        merchants.setdefault(merchant, set()).add(truth[(platform_id, shop_id)])
    pieces: dict[int, set[int]] = {}
    for merchant, of in merchants.items():
        for merchant in of:
            pieces.setdefault(merchant, set()).add(merchant)
    broken = {m for m, of in pieces.items() if len(of) > 1}
    live = select(Merchant.id).where(Merchant.merged_into_id.is_(None))
    asked = session.execute(
        select(MerchantPair.a_id, MerchantPair.b_id).where(
            MerchantPair.state == "suggested",
            MerchantPair.a_id.in_(live),
            MerchantPair.b_id.in_(live),
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


def _milliseconds(times: Sequence[float], bare: Sequence[float]) -> dict[str, float]:
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
    parser.add_argument("--home", type=Path, help="keeps the database, to go on later")
    parser.add_argument("--minutes", type=float, default=math.inf)
    told = parser.parse_args()
    try:
        print(json.dumps(measure(told.merchants, told.sparse, told.home, told.minutes)))
    except Unfinished as so_far:
        print(so_far, file=sys.stderr)
        sys.exit(3)
