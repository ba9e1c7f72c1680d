"""`python -m classifiers.build [--out DIR]`: build the built-in encoder by hand."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from classifiers.build import build
from classifiers.encoder import Encoder, default_encoder_dir


def main(argv: Sequence[str] | None = None) -> int:
    """Build, and print the version."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=default_encoder_dir())
    out = parser.parse_args(argv).out
    build(out)
    print(f"encoder at {out}: {Encoder.load(out).version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
