"""Ours against the encoder alone and against other systems' ways, on one viral stream.

The issue's goals: the cascade at least 5 times as fast as the encoder alone, with a recall within
half a point; 400 texts a second; 120 texts of 100 characters encoded a second.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from classifiers.encoder import Encoder, default_encoder_dir
from tests.bench import drained, stream, ways
from tests.bench.stream import Stream

SHORT, LONG = 600, 3000
THREADS = 2


def measure(long: bool = False, data: Path | None = None) -> dict[str, Any]:
    """One row for each way: pair F1, recall, texts a second; then what the goals speak of."""
    encoder = Encoder.load(default_encoder_dir(), THREADS)
    encoder.encode(["预热"])
    mixed = stream.viral(LONG if long else SHORT, data)
    rows = {name: _row(name, mixed, way) for name, way in ways.OTHERS.items()}
    alone = rows["encoder alone"] = _row("alone", mixed, ways.encoder_alone(encoder))
    rows["ours, every wording encoded"] = _row("encoding", mixed, ways.cascade(encoder, False))
    ours = rows["ours, as the hub runs"] = _row("hub", mixed, ways.cascade(encoder))
    with drained.started():
        rows["the hub's job, PostgreSQL and all"] = _row("job", mixed, drained.way)
    return {
        "stream": {"texts": len(mixed.texts), "seeds": len(set(mixed.truth))},
        "side_by_side": rows,
        "cascade_per_s": ours["per_s"],
        "cascade_ratio": round(ours["per_s"] / alone["per_s"], 2),
        "cascade_recall_less": round(alone["recall"] - ours["recall"], 4),
        "encode_100_per_s": round(_encode_rate(encoder), 1),
    }


def _row(name: str, mixed: Stream, way: stream.Way) -> dict[str, float]:
    print(f"  {name}...", file=sys.stderr, flush=True)
    return stream.judged(mixed, way)


def _encode_rate(encoder: Encoder) -> float:
    """Texts of 100 characters a second."""
    texts = list(dict.fromkeys(stream.viral(2000).texts))
    long = [("".join(texts[i : i + 8]))[:100] for i in range(0, len(texts) - 8, 4)][:128]
    began = time.perf_counter()
    encoder.encode(long)
    return len(long) / (time.perf_counter() - began)
