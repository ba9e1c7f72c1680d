"""`python -m classifiers.train --data DIR [--only NAME ... | --all]`: train the shipped models."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

# The encoder and its matching first: the others are trained on its states.
PARTS = ("encoder", "matching", "debunk", "rumor", "theme", "reader", "price")


def main(argv: Sequence[str] | None = None) -> int:
    """Train the parts asked for, in order. Seeds are fixed: the same data give the same figures."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training data")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="NAME")
    parser.add_argument("--all", action="store_true", help="every part; the default")
    options = parser.parse_args(argv)
    if not options.data.is_dir():
        parser.error(f"--data: {options.data} is not a folder")
    chosen = PARTS if options.all else [part for part in PARTS if part in options.only]
    for part in chosen:
        module = importlib.import_module(f"classifiers.train.{part}")
        run = getattr(module, "run", None)
        if run is None:
            print(f"{part}: nothing to train", file=sys.stderr)
            continue
        run(options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
