"""`make bench`: all figures of one run; the last line of stdout is one JSON object."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

PARTS = ("intake", "whole")


def main() -> None:
    """Run each part in a process of its own, so that none inherits another's settings."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone")
    part = parser.parse_args().part
    if part:
        module = __import__(f"tests.bench.{part}", fromlist=["measure"])
        print(json.dumps(module.measure()))
        return
    figures = {}
    for name in PARTS:
        print(f"{name}...", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench", name], stdout=subprocess.PIPE, check=True
        )
        figures.update(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(figures), file=sys.stderr, flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
