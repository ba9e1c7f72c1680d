"""Fault drills: each breaks something on purpose, counts, and shows that a promise held.

`python -m tests.drills` runs the long versions; pytest runs short ones. Everything happens on
loopback, and every process that is killed was started by the drill.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.drills.harness import Row

# module: (size in pytest, size in `make drills`); what a size counts is told by its `run`.
SIZES = {
    "same_message": (100, 1000),
    "clock": (1, 5),
    "web_killed": (3, 50),
    "queue_away": (2, 60),
    "database_away": (3, 20),
    "workers_killed": (1, 10),
    "receivers": (20, 300),
    "approvers": (20, 1000),
    "crossing": (40, 1000),
    "wordings": (1, 10),
    "altered": (1, 25),
    "orders_machine": (30, 5000),
    "inbound_machine": (20, 5000),
    "burst": (2000, 100_000),
    "supervisor": (1, 5),
    "restored": (1, 5),
    "disk_full": (1, 5),
    "fan_out": (20, 1000),
    "flood": (20, 200),
    "fuzz": (5_000, 1_000_000),
}
# Drills that pytest knows as tests already; `make drills` runs and counts them, too.
BY_TEST = ("addresses", "hostile_bytes", "hostile_text", "cells", "routes")


def run_one(name: str, size: int) -> Row:
    """Run one drill."""
    if name in BY_TEST:
        return import_module("tests.drills.by_test").run(name)
    return import_module(f"tests.drills.{name}").run(size)
