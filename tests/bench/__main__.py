"""`make bench`: all figures of one run; the last line of stdout is one JSON object.

Short by default. `--long` runs every part at full size; `--claims N` sets the number of indexed
claims; `--data FILE.jsonl` brings real texts ({"text"} a line) to the viral stream, or timed
posts to `surges`.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PARTS = (
    "intake", "whole", "settling", "cascade", "million", "memory", "population", "denylist",
    "surges",
)  # fmt: skip


def main() -> None:
    """Run each part in a process of its own, so that none inherits another's settings."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone")
    parser.add_argument("--long", action="store_true", help="full sizes, an hour")
    parser.add_argument("--claims", type=int, help="indexed claims of the part `million`")
    parser.add_argument("--home", type=Path, help="where `million` keeps its database and goes on")
    parser.add_argument(
        "--data", type=Path, help="texts for `cascade`, or timed posts for `surges`"
    )
    options = parser.parse_args()
    # Whoever ends a bench by its id ends its PostgreSQL too: `finally` runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.part:
        print(json.dumps(_measure(options), ensure_ascii=False))
        return
    figures: dict[str, Any] = {}
    for name in PARTS:
        print(f"{name}...", file=sys.stderr, flush=True)
        figures.update(_part(name))
        print(json.dumps(figures, ensure_ascii=False), file=sys.stderr, flush=True)
    print(json.dumps(figures, ensure_ascii=False))


def _part(name: str) -> dict[str, Any]:
    """The figures of a part, run as a process of its own, that ends when this one does."""
    command = [sys.executable, "-m", "tests.bench", name, *sys.argv[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            said, _ = running.communicate()
        except BaseException:
            running.terminate()
            raise
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return json.loads(said.splitlines()[-1])


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    if options.part == "cascade":
        from tests.bench import cascade

        return cascade.measure(options.long, options.data)
    if options.part == "settling":
        from tests.bench import settling

        return settling.measure(options.long, options.data)
    if options.part == "surges":
        from tests.bench import surges

        return surges.measure(options.data)
    if options.part == "million":
        from tests.bench import million

        claims = options.claims or (million.FULL if options.long else million.SHORT)
        return million.measure(claims, options.home)
    return __import__(f"tests.bench.{options.part}", fromlist=["measure"]).measure()


if __name__ == "__main__":
    main()
