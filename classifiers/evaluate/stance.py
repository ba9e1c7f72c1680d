"""Stance against a person's label: {"text", "stance"}, one of asserts, denies, asks.

A label may also refer to a text, {"file", "line", "stance"}: that line in `rumor/FILE.jsonl` of the
folder given with --data, so that labels can be published without the texts.
"""

from collections import Counter
from pathlib import Path
from typing import Any, get_args

from classifiers.evaluate import rows
from classifiers.stance import Position, stance

STANCES = get_args(Position)


def _texts(labelled: list[dict[str, Any]], path: Path, data: Path | None) -> list[str]:
    if "file" not in labelled[0]:
        return [row["text"] for row in rows.read(path, {"text": str})]
    if data is None:
        raise rows.BadFile(f"{path}: its labels refer to texts; --data names their folder")
    places = rows.read(path, {"file": str, "line": int})
    files = {
        name: rows.read(data / "rumor" / f"{name}.jsonl", {"text": str})
        for name in {row["file"] for row in places}
    }
    try:
        return [files[row["file"]][row["line"] - 1]["text"] for row in places]
    except IndexError:
        raise rows.BadFile(f"{path}: a 'line' is beyond its file") from None


def evaluate(path: Path, data: Path | None = None) -> dict[str, Any]:
    """{n, accuracy, <stance>: {n, precision, recall}}; None where there was nothing to count.

    Raises BadFile on a label that is none of the three.
    """
    labelled = rows.read(path, {"stance": str}, {"stance": STANCES})
    texts = _texts(labelled, path, data)
    pairs = Counter(
        (row["stance"], stance(text).stance) for row, text in zip(labelled, texts, strict=True)
    )
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
