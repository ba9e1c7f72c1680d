"""Promises whose drill is a test of its own: run by pytest in a process of its own, and counted."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.drills.harness import ROOT, Row

_WEB = "tests/hub/web"
# name: (what is shown, what pytest is told)
TESTS = {
    "addresses": ("private addresses in every encoding, DNS that changes",
                  ["tests/hub/outbound/test_client.py"]),
    "hostile_bytes": ("bombs, depth, surrogates, NUL, NaN, bad UTF-8",
                      [f"{_WEB}/platforms/test_webhooks.py", f"{_WEB}/platforms/test_parse.py"]),
    "hostile_text": ("stored HTML, JS, bidi, javascript: in Chromium",
                     [f"{_WEB}/test_pages.py", "tests/e2e/test_case_in_chromium.py",
                      "-k", "hostile"]),
    "cells": ("CSV and XLSX cells that begin = + - @",
              ["tests/hub/services/office/test_spreadsheets.py", f"{_WEB}/officers/test_queue.py",
               "-k", "cells or chinese or exported"]),
    "routes": ("every route x role x platform",
               [f"{_WEB}/test_pages.py", f"{_WEB}/platforms/test_api.py", f"{_WEB}/engineers",
                "-k", "not hostile"]),
}  # fmt: skip


def run(name: str) -> Row:
    """Run the tests of one promise; a failed one counts as lost."""
    shown, words = TESTS[name]
    row = Row(shown)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as made:
        report = Path(made) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *words],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        )  # fmt: skip
        suites = ElementTree.parse(report).getroot().findall("testsuite")
    counted = {n: sum(int(s.get(n, "0")) for s in suites) for n in ("tests", "failures", "errors")}
    row.tries = counted["tests"]
    row.lost = counted["failures"] + counted["errors"]
    row.check(row.tries > 0, "no test was found")
    row.figures = {"tests_s": round(time.monotonic() - began)}
    return row
