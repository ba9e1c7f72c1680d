"""Bytes nobody would send: the parser and the verifier led by coverage, the API by its contract."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.drills.harness import ROOT, Row, hub

API = 40  # runs of the others for one request; of what is asked for, a seventh has no form


def run(size: int) -> Row:
    """`size` inputs for the parser and as many for the verifier; a fortieth as many requests."""
    row, house = Row("fuzz: parser, verifier, API"), hub()
    for target in ("parser", "verifier"):
        done = _fuzz(target, "--runs", str(size))
        ran = re.findall(r"Done (\d+) ", done.stdout + done.stderr)
        row.tries += int(ran[-1]) if ran else 0
        row.lost += done.returncode != 0
        row.check(bool(ran), f"{target}: {done.stderr[-300:]}")
    from tests.fuzz import api

    token = house.platforms["jd"].token
    found = api.run(house.base_url, "jd", house.secret("jd"), token, max(size // API, 50))
    row.tries += found["sent"]
    row.lost += len(found["wrong"])
    row.wrong += found["wrong"][:3]
    row.figures = {"requests": found["sent"], "accepted": found["statuses"].get(202, 0)}
    return row


def _fuzz(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *words], cwd=ROOT, capture_output=True, text=True
    )
