"""The built-in encoder on disk, built once, when first needed.

`python -m classifiers.build --out DIR` builds it by hand.
"""

import sys
from pathlib import Path

from classifiers.encoder import ADAPTER, Encoder, default_encoder_dir, is_current, is_foreign


def build(directory: Path) -> None:
    """Make the built-in encoder at `directory` unless it is there (about half a minute).

    The directory appears complete or not at all, also when several processes build at once; an
    outdated or damaged one is used until its successor is ready. A foreign sentence-transformers
    directory is left as it is.
    """
    if is_foreign(directory) or is_current(directory):
        return
    state = "is outdated or damaged" if directory.exists() else "is missing"
    print(f"encoder at {directory} {state}: building it (half a minute)", file=sys.stderr)
    from classifiers.build import assembly  # imports torch

    assembly.build(directory, adapt=ADAPTER if ADAPTER.is_file() else None)


def load_default(threads: int = 1) -> Encoder:
    """The encoder of `default_encoder_dir()`, built there first if it is missing or outdated."""
    directory = default_encoder_dir()
    build(directory)
    return Encoder.load(directory, threads)
