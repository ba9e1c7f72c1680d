"""How soon the rule of early warning finds a surge, and how often it cries for nothing.

A background of claims that come, swell over hours and fade, with days and nights; into it known
bursts are put, on claims that are new and on claims that are known. The rule looks every five
minutes, as the hub's worker would see it. A warning on a claim of the background is false, unless
that claim, seen afterwards, grew as fast as the bursts that must be found (SURE reports in the
hour around it, threefold the hour before): then it is a surge that nobody planted, and is counted
apart. An officer calls false ones false an hour later.
`--data FILE` brings a background of real posts: {"at" or "time" or "publish_time" (seconds or
milliseconds), "claim" or "claim_event" or "text", "platform"?} a line; a stream longer than
DAYS is squeezed into them, which makes it livelier than it was.
"""

from __future__ import annotations

import json
import math
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hub.services.warnings import surges
from hub.services.warnings.surges import DECAY, QUARTER, WINDOW, Verdict

DAYS = 14
WARM = 1  # days before anything is judged
EVERY = 300  # seconds between two looks
PLATFORMS = 5
SHARES = (0.35, 0.25, 0.2, 0.12, 0.08)  # of the platforms, of all reports
STREAMS = (2_000, 20_000, 200_000)  # background reports a day
BURSTS = (20, 40, 100)  # reports in the first hour of a burst
EACH = 12  # bursts of each size
SURE = 40  # reports in an hour that must be found
Post = tuple[float, int, int]  # seconds, claim, platform


@dataclass(frozen=True)
class Burst:
    """Known truth: from `at` seconds on `claim` grows."""

    claim: int
    at: float
    size: int


@dataclass
class Watch:
    """The rule over a stream: counts by quarter hour, decayed sums of what was before."""

    def __post_init__(self) -> None:
        self.bins: list[dict[int, Counter[int]]] = [{} for _ in range(WINDOW)]
        self.past: dict[int, float] = defaultdict(float)
        self.all_past = 0.0
        self.quarter = 0

    def add(self, post: Post) -> None:
        """Count one post."""
        self.bins[-1].setdefault(post[1], Counter())[post[2]] += 1

    def turn(self, quarter: int) -> None:
        """A quarter of an hour begins."""
        while self.quarter < quarter:
            gone = self.bins.pop(0)
            for claim in [c for c, n in self.past.items() if n < 1e-3]:
                del self.past[claim]
            for claim in self.past:
                self.past[claim] *= DECAY
            for claim, counts in gone.items():
                self.past[claim] += sum(counts.values()) * DECAY
            self.all_past = self.all_past * DECAY + DECAY * sum(
                sum(c.values()) for c in gone.values()
            )
            self.bins.append({})
            self.quarter += 1

    def look(self, now: float, strict: float = 0.0) -> Iterator[tuple[int, Verdict]]:
        """Everything that surges at `now` seconds."""
        window: dict[int, Counter[int]] = {}
        for counts in self.bins:
            for claim, of in counts.items():
                window.setdefault(claim, Counter()).update(of)
        exposure = (now - (self.quarter - WINDOW + 1) * QUARTER) / QUARTER
        evidence = surges.weight(self.quarter - WINDOW + 1)
        whole = sum(sum(of.values()) for of in window.values())
        for claim, of in window.items():
            n = sum(of.values())
            if n < surges.FEWEST:
                continue
            past = self.past.get(claim, 0.0)
            busy = surges.busyness(whole - n, self.all_past - past, evidence, exposure)
            verdict = surges.judge(of, past, evidence, exposure, busy, len(window), strict)
            if verdict.surges:
                yield claim, verdict


def background(a_day: int, days: int, seed: int) -> list[Post]:
    """Posts of a seeded background: claims of every size (Pareto) that swell over hours (Gamma)
    and follow the hours of the day, on platforms by their shares."""
    rng = np.random.default_rng(seed)
    mean_size = 6.0
    claims = int(a_day * days / mean_size)
    size = np.minimum(1 + rng.pareto(1.3, claims), a_day / 20)
    size = rng.poisson(size * mean_size / size.mean())
    begin = rng.uniform(-0.5, days, claims) * 86400
    slow = rng.lognormal(math.log(5 * 3600), 0.7, claims)  # seconds until the claim swells
    which = np.repeat(np.arange(claims), size)
    at = begin[which] + rng.gamma(2.0, slow[which])
    hour = at / 3600 % 24
    awake = 0.55 + 0.45 * np.sin((hour - 9) / 24 * 2 * np.pi)
    kept = (rng.random(len(at)) < awake + 0.1) & (at >= 0) & (at < days * 86400)
    at, which = at[kept], which[kept]
    where = rng.choice(PLATFORMS, len(at), p=SHARES)
    order = np.argsort(at)
    return list(zip(at[order].tolist(), which[order].tolist(), where[order].tolist(), strict=True))


def bursts(
    posts: list[Post], sizes: Iterable[int], each: int, days: int, seed: int
) -> tuple[list[Burst], list[Post]]:
    """Known bursts and their posts: half on known claims, half on new ones; they hold their
    rate for an hour and fade over three."""
    rng = random.Random(seed)
    planned, made = [], []
    known = sorted({claim for _, claim, _ in posts})
    new = (known[-1] if known else 0) + 1
    for i in range(each):
        for size in sizes:
            claim = rng.choice(known) if i % 2 and known else new
            new += claim == new
            at = rng.uniform(WARM, days - 0.25) * 86400
            planned.append(Burst(claim, at, size))
            on = rng.sample(range(PLATFORMS), rng.randint(2, PLATFORMS))
            made += [(at + rng.uniform(0, 3600), claim, rng.choice(on)) for _ in range(size)]
            later = [3600 + rng.expovariate(1 / 3600) for _ in range(size)]
            made += [(at + s, claim, rng.choice(on)) for s in later]
    return planned, made


def read(file: Path, days: int) -> list[Post]:
    """Timed posts of a file, their time moved to begin at 0 and squeezed into `days`."""
    claims: dict[Any, int] = {}
    places: dict[Any, int] = {}
    found = []
    for line in filter(str.strip, file.read_text("utf-8").split("\n")):
        row = json.loads(line)
        at = row.get("at") or row.get("time") or row.get("publish_time")
        if not isinstance(at, int | float):
            continue
        said = row.get("claim") or row.get("claim_event") or row.get("text")
        place = places.setdefault(row.get("platform") or len(found) % PLATFORMS, len(places))
        seconds = at / 1000 if at > 1e11 else float(at)
        found.append((seconds, claims.setdefault(said, len(claims)), place))
    # One post in a hundred lies far outside: it would squeeze all the others into an hour.
    times = sorted(at for at, _, _ in found)
    low, high = times[len(times) // 100], times[-1 - len(times) // 100]
    factor = min(1.0, days * 86400 / max(high - low, 1))
    moved = [((at - low) * factor, claim, p) for at, claim, p in found if low <= at <= high]
    return sorted(post for post in moved if post[0] < days * 86400)


def replay(posts: list[Post], planned: list[Burst]) -> dict[str, Any]:
    """Delays by size of burst, and false alarms a day."""
    watch, alarms = Watch(), []
    quiet: dict[int, float] = {}
    at, now, last = 0, float(EVERY), posts[-1][0]
    true, grew = {burst.claim for burst in planned}, _hindsight(posts)
    while now < last + EVERY:
        while at < len(posts) and posts[at][0] < now:
            watch.turn(int(posts[at][0] // QUARTER))
            watch.add(posts[at])
            at += 1
        watch.turn(int((now - 1e-6) // QUARTER))
        if now > WARM * 86400:
            # An officer says an hour later that a warning was false.
            false = [
                t / 86400 for t, c in alarms if t < now - 3600 and c not in true and not grew(t, c)
            ]
            for claim, _ in watch.look(now, surges.strictness(false, now / 86400)):
                if quiet.get(claim, -1.0) < now:
                    alarms.append((now, claim))
                    quiet[claim] = now + 86400  # a warning is open: nothing is told twice
        now += EVERY
    return _judged(alarms, planned, grew, last / 86400 - WARM)


def _hindsight(posts: list[Post]) -> Callable[[float, int], bool]:
    """Whether a claim, seen afterwards, did surge around a time."""
    by_claim: dict[int, list[float]] = defaultdict(list)
    for at, claim, _ in posts:
        by_claim[claim].append(at)

    @cache
    def grew(at: float, claim: int) -> bool:
        times = by_claim[claim]
        edges = [bisect_left(times, at + s) for s in (-5400, -1800, 1800)]
        before, around = edges[1] - edges[0], edges[2] - edges[1]
        return around >= SURE and around >= surges.GROWTH * before

    return grew


def _judged(
    alarms: list[tuple[float, int]],
    planned: list[Burst],
    grew: Callable[[float, int], bool],
    days: float,
) -> dict[str, Any]:
    delays: dict[int, list[float | None]] = defaultdict(list)
    right = set()
    for burst in planned:
        found = [a for a in alarms if a[1] == burst.claim and 0 <= a[0] - burst.at < 4 * 3600]
        right.update(a for a in alarms if a[1] == burst.claim)
        delays[burst.size].append((found[0][0] - burst.at) / 60 if found else None)
    other = [a for a in alarms if a not in right]
    false = [a for a in other if not grew(*a)]
    return {
        "false_a_day": round(len(false) / days, 2),
        "not_planted_a_day": round((len(other) - len(false)) / days, 2),
        "bursts": {str(size): _delay(of) for size, of in sorted(delays.items())},
    }


def _delay(of: list[float | None]) -> dict[str, Any]:
    known = sorted(d for d in of if d is not None)
    return {
        "n": len(of),
        "found": len(known),
        "in_30_min": sum(d <= 30 for d in known),
        "median_min": round(known[len(known) // 2], 1) if known else None,
        "worst_min": round(known[-1], 1) if known else None,
    }


def measure(file: Path | None = None, streams: Iterable[int] = STREAMS) -> dict[str, Any]:
    """The replay over each stream, or over the posts of `file`."""
    made = {}
    if file:
        posts = read(file, DAYS)
        made[file.stem] = _one(posts, 7)
    else:
        for a_day in streams:
            made[str(a_day)] = _one(background(a_day, DAYS, 7), 7)
    return {"surges": made}


def _one(posts: list[Post], seed: int) -> dict[str, Any]:
    planned, more = bursts(posts, BURSTS, EACH, DAYS, seed)
    figures = replay(sorted(posts + more), planned)
    return {"background_posts": len(posts), **figures}
