"""The product's own assessor, over many texts."""

import sys
from collections.abc import Sequence

from classifiers.assess import Assessment, Assessor
from classifiers.build import load_default

BATCH = 128


def assessor() -> Assessor:
    """The shipped models with the default encoder; says on stderr what could not be loaded."""
    loaded = Assessor.load(load_default())
    for part in loaded.degraded:
        print(f"{part}: no trained file that can be trusted, rules alone", file=sys.stderr)
    return loaded


def assessed(texts: Sequence[str]) -> list[Assessment]:
    """Assessments of `texts`, in order; progress on a terminal."""
    model = assessor()
    done: list[Assessment] = []
    for start in range(0, len(texts), BATCH):
        done += model.assess(texts[start : start + BATCH])
        if sys.stderr.isatty():
            print(f"\r{len(done)} of {len(texts)}", end="", file=sys.stderr, flush=True)
    return done
