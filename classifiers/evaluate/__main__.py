"""`python -m classifiers.evaluate TASK FILE.jsonl [--claims FILE] [--folds N] [--data DIR]`.

Stdout gets exactly one JSON object; everything else goes to stderr. A file that cannot be
evaluated ends with exit status 2 and one line naming the line and the field.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from classifiers.evaluate import rows

# Required fields of a row, for the tasks that do not check them themselves.
_FIELDS: dict[str, rows.Fields] = {
    "same_claim": {"text": str, "claim_event": (str, int)},
    "rewordings": {"text": str},
    "debunk": {"text": str, "claim_id": (int, str)},
}
_CLAIM_FIELDS: rows.Fields = {"id": (int, str), "claim": str}
TASKS = (
    "rumor",
    "topic",
    "stance",
    "price",
    "entities",
    "violation",
    "robustness",
    "pairs",
    *_FIELDS,
)


def _check_pairs(file: Path) -> None:
    """Pairs have one of two field names and a label or a score; the first row decides."""
    first = rows.read(file, {})[0]
    names = ("sentence1", "sentence2") if "sentence1" in first else ("a", "b")
    sides: rows.Fields = dict.fromkeys(names, str)
    if "score" in first:
        rows.read(file, {**sides, "score": (int, float)})
    else:
        rows.read(file, {**sides, "label": (int, str)}, {"label": (0, 1, "0", "1")})


def _measure(
    task: str,
    file: Path,
    claims: Path | None = None,
    data: Path | None = None,
    folds: int = 0,
) -> dict[str, Any]:
    """Figures of one task. Raises BadFile on a wrong file."""
    if task in _FIELDS:
        rows.read(file, _FIELDS[task])
    elif task == "pairs":
        _check_pairs(file)
    module = importlib.import_module(f"classifiers.evaluate.{task}")
    evaluate: Callable[..., dict[str, Any]] = module.evaluate
    if task == "stance":
        return evaluate(file, data)
    if task != "debunk":
        return evaluate(file)
    if claims is None:
        raise rows.BadFile("debunk needs --claims with the file of checked claims")
    rows.read(claims, _CLAIM_FIELDS)
    return evaluate(file, claims, folds)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the shipped models on a file; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.evaluate", description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument(
        "file", type=Path, nargs="?", help="rows shaped like the task's training data"
    )
    parser.add_argument("--claims", type=Path, help="debunk: the checked claims to search")
    parser.add_argument(
        "--folds", type=int, default=0, help="debunk: also cross-validate, with so many folds"
    )
    parser.add_argument("--data", type=Path, help="stance: the texts that labels refer to by line")
    options = parser.parse_args(argv)
    if options.file is None and options.task != "robustness":
        parser.error(f"{options.task} needs a file")
    try:
        with redirect_stdout(sys.stderr):
            figures = _measure(
                options.task, options.file, options.claims, options.data, options.folds
            )
    except rows.BadFile as error:
        print(f"classifiers.evaluate {options.task}: {error}", file=sys.stderr)
        return 2
    rounded = {k: round(float(v), 4) if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps(rounded, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    sys.exit(main())
