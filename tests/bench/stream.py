"""One viral stream and the ways to find its repeats: ours, and what others do.

Truth: a text belongs to the seed it copies or rewords. A way reads the texts in order and gives
each the claim of an earlier one, or a new claim.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers.evaluate.metrics import pair_f1
from hub.sandbox import data
from tests.bench import mix

Way = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Stream:
    """Texts in order and, for each, the number of the seed it says."""

    texts: list[str]
    truth: list[int]


def viral(n: int, file: Path | None = None, seed: int = 7) -> Stream:
    """70% copies, 20% rule-made rewordings, 10% new texts; seeds from the sample reports, then
    made up, or from a file of {"text"} lines."""
    rng = random.Random(seed)
    if file:
        lines = file.read_text("utf-8").split("\n")
        seeds = [json.loads(line)["text"] for line in lines if line.strip()]
    else:
        seeds = [s["content"]["text"] for s in data.samples()]
    seeds = list(dict.fromkeys(seeds))
    rng.shuffle(seeds)
    known: list[str] = []
    texts, truth = [], []
    for i in range(n):
        dice = rng.random()
        if dice < 0.1 or not known:
            known.append(seeds.pop() if seeds else mix.made_up(rng, i))
            at = len(known) - 1
            texts.append(known[at])
        else:
            at = rng.randrange(len(known))
            texts.append(known[at] if dice < 0.8 else mix.reworded(rng, known[at]))
        truth.append(at)
    return Stream(texts, truth)


def judged(stream: Stream, way: Way) -> dict[str, float]:
    """Pair F1, recall (repeats that joined an earlier text of their seed), texts a second."""
    began = time.perf_counter()
    spent = time.process_time()
    claims = way(stream.texts)
    took, spent = time.perf_counter() - began, time.process_time() - spent
    return {
        "f1": round(pair_f1(claims, stream.truth), 4),
        "recall": round(recall(claims, stream.truth), 4),
        "per_s": round(len(claims) / took, 1),
        "per_cpu_s": round(len(claims) / spent, 1),
    }


def recall(claims: Sequence[int], truth: Sequence[int]) -> float:
    """Share of the repeats whose claim was opened by a text of their own seed."""
    opened: dict[int, int] = {}
    met: set[int] = set()
    found = repeats = 0
    for claim, seed in zip(claims, truth, strict=True):
        repeats += seed in met
        found += seed in met and opened.get(claim) == seed
        met.add(seed)
        opened.setdefault(claim, seed)
    return found / max(repeats, 1)


def nearest(vectors: np.ndarray, query: np.ndarray, most: int) -> np.ndarray:
    """Positions of the `most` nearest rows by dot product."""
    cosines = vectors @ query
    if len(cosines) <= most:
        return np.arange(len(cosines))
    return np.argpartition(-cosines, most)[:most]
