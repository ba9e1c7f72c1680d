"""The built-in encoder on disk: made once, when first needed.

`python -m classifiers.build --out DIR` makes it by hand.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from classifiers.encoder import ADAPTER, Encoder, default_encoder_dir, is_current, is_foreign


def build(directory: Path) -> None:
    """Make the built-in encoder at `directory` unless it is there (about half a minute).

    The directory appears whole or not at all, also when several processes build at once; an
    outdated or damaged one serves until its successor is ready. A foreign sentence-transformers
    directory is left as it is.
    """
    if is_foreign(directory) or is_current(directory):
        return
    state = "is outdated or damaged" if directory.exists() else "is missing"
    print(f"encoder at {directory} {state}: building it (half a minute)", file=sys.stderr)
    from classifiers.train import encoder as builder  # brings torch

    builder.build(directory, adapt=ADAPTER if ADAPTER.is_file() else None)


def load_default(threads: int = 1) -> Encoder:
    """The encoder of `default_encoder_dir()`, built there first if it is missing or outdated."""
    directory = default_encoder_dir()
    build(directory)
    return Encoder.load(directory, threads)


def main(argv: Sequence[str] | None = None) -> int:
    """Build, and say what is there."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=default_encoder_dir())
    out = parser.parse_args(argv).out
    build(out)
    print(f"encoder at {out}: {Encoder.load(out).version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
