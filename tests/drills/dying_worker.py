"""A worker that is killed with -9 at a named point of its work: `python -m
tests.drills.dying_worker POINT`. Everything else about it is the hub's own code.

Its leases are short, so that the drill need not wait for the real ones: the length of a lease
is written into the row by whoever takes it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from unittest import mock

from hub.jobs import assess, deliver
from hub.outbound import client
from hub.services.assessment import lifecycle
from hub.services.platforms import delivery, delivery_leases

LEASE_S = 3


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after(does: Callable) -> Callable:
    return lambda *args, **names: (does(*args, **names), _die())


class _Unanswered(client.EndableConnection):
    """The request is on its way when the worker dies."""

    getresponse = _die


# point: (the job, what is replaced, by what)
POINTS = {
    "assess leased": (assess.drain, "hub.services.assessment.lifecycle.read", _die),
    "assess read": (assess.drain, "hub.services.assessment.lifecycle.settle", _die),
    "assess before commit": (
        assess.drain,
        "hub.services.assessment.lifecycle.settle",
        _die_after(lifecycle.settle),
    ),
    "deliver before send": (deliver.drain, "hub.services.platforms.delivery.send", _die),
    "deliver after send": (deliver.drain, "hub.outbound.client.EndableConnection", _Unanswered),
    "deliver after 2xx": (
        deliver.drain,
        "hub.services.platforms.delivery.send",
        _die_after(delivery.send),
    ),
    "deliver before commit": (
        deliver.drain,
        "hub.services.platforms.delivery.finish",
        _die_after(delivery.finish),
    ),
}


def main(point: str) -> int:
    """Work until the point is reached. Returns 1 when it never was."""
    job, target, by = POINTS[point]
    with (
        mock.patch.object(lifecycle, "LEASE_SECONDS", LEASE_S),
        mock.patch.object(delivery_leases, "LEASE_SECONDS", LEASE_S),
        mock.patch(target, by),
    ):
        job()
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
