"""Stance against a person's label: {"text", "stance"}, one of asserts, denies, asks."""

from collections import Counter
from pathlib import Path
from typing import Any, get_args

from classifiers.evaluate import rows
from classifiers.stance import Position, stance

STANCES = get_args(Position)


def evaluate(path: Path) -> dict[str, Any]:
    """{n, accuracy, <stance>: {n, precision, recall}}; None where nothing was there to count.

    Raises BadFile on a label that is none of the three.
    """
    fields: rows.Fields = {"text": str, "stance": str}
    labelled = rows.read(path, fields, {"stance": STANCES})
    pairs = Counter((row["stance"], stance(row["text"]).stance) for row in labelled)
    figures: dict[str, Any] = {
        "n": len(labelled),
        "accuracy": sum(pairs[each, each] for each in STANCES) / len(labelled),
    }
    for each in STANCES:
        said = sum(n for (_, found), n in pairs.items() if found == each)
        true = sum(n for (label, _), n in pairs.items() if label == each)
        figures[each] = {
            "n": true,
            "precision": round(pairs[each, each] / said, 4) if said else None,
            "recall": round(pairs[each, each] / true, 4) if true else None,
        }
    return figures
