"""`make drills`: every drill in turn, one table, one JSON object on the last line.

Exit status 0 only if nothing was lost or doubled and every promise held. Names of drills as
arguments run those alone; `--short` runs what pytest runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from tests.drills import BY_TEST, SIZES, harness, run_one
from tests.drills.harness import Row

NAMES = (*SIZES, *BY_TEST)


def main() -> int:
    """Run the drills asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="drill", help=" ".join(NAMES))
    parser.add_argument("--short", action="store_true", help="as in pytest")
    parser.add_argument("--size", type=int, help="another size, for all drills that are named")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"no such drill: {', '.join(sorted(unknown))}")
    rows = []
    try:
        for name in options.names or NAMES:
            size = options.size or SIZES.get(name, (1, 1))[0 if options.short else 1]
            rows.append(_watched(name, size))
    finally:
        harness.close()
    _show(rows)
    sums = {n: sum(getattr(r, n) for r in rows) for n in ("tries", "lost", "doubled")}
    kept = all(row.kept for row in rows)
    print(
        json.dumps(
            {"drills": len(rows), **sums, "kept": kept, "rows": [asdict(r) for r in rows]},
            ensure_ascii=False,
        )
    )
    return 0 if kept else 1


def _watched(name: str, size: int) -> Row:
    began = time.monotonic()
    print(f"{name} ({size})...", end=" ", file=sys.stderr, flush=True)
    try:
        row = run_one(name, size)
    except Exception as error:
        traceback.print_exc()
        row = Row(name, wrong=[f"{type(error).__name__}: {error}"[:200]])
    took = time.monotonic() - began
    print(f"{'kept' if row.kept else 'BROKEN'} in {took:.0f} s", file=sys.stderr, flush=True)
    return row


def _show(rows: list[Row]) -> None:
    table = Table("drill", "tries", "lost", "doubled", "longest s", "verdict", "figures")
    for row in rows:
        verdict = "kept" if row.kept else "BROKEN: " + "; ".join(row.wrong)
        figures = ", ".join(f"{k} {v}" for k, v in row.figures.items())
        counts = (str(n) for n in (row.tries, row.lost, row.doubled))
        table.add_row(row.drill, *counts, f"{row.worst_s:.1f}", verdict, figures)
    Console(width=150).print(table)


if __name__ == "__main__":
    sys.exit(main())
