"""The web process is killed with -9 while platforms report: what was acknowledged is stored,
what was not is sent again, and neither is there twice."""

from __future__ import annotations

import time

from tests.drills.harness import Row, hub, kill_hard, wait_until
from tests.drills.platform import Flow


def run(size: int) -> Row:
    """Kill `size` times: one gunicorn worker, or all of the web at once, in turn."""
    row, house = Row("web killed -9 under load"), hub()
    with Flow(house) as flow:
        for number in range(size):
            since = time.monotonic()
            wait_until(lambda since=since: flow.flows(since + 0.3), "reports flow")
            web = house.processes("gunicorn")
            kill_hard(*(web if number % 2 == 0 else web[1:2]))
            killed = time.monotonic()
            wait_until(lambda killed=killed: flow.flows(killed), "the web is back", 60)
            row.worst_s = max(row.worst_s, flow.last_yes - killed)
    row.check(flow.answers[0] > 0, "no report met a dead hub: the drill drilled nothing")
    flow.balance(row)
    flow.settle(row)
    row.figures = {"kills": size, "unanswered": flow.answers[0]}
    return row
