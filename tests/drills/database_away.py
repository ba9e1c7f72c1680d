"""PostgreSQL is stopped hard: senders hear 503 with Retry-After, nothing acknowledged is lost,
and the hub goes on by itself once the database is back."""

from __future__ import annotations

import time

from hub.database import engine
from tests.drills.harness import Hub, Row, hub, kill_hard, wait_until
from tests.drills.platform import Flow


def run(size: int) -> Row:
    """Stop it `size` times: the whole server, or one backend (which takes all down), in turn."""
    row, house = Row("PostgreSQL stopped hard"), hub()
    with Flow(house) as flow:
        for number in range(size):
            since = time.monotonic()
            wait_until(lambda since=since: flow.flows(since + 0.3), "reports flow")
            (_server if number % 2 == 0 else _backend)(house)
            back = time.monotonic()
            wait_until(lambda back=back: flow.flows(back), "intake is back", 60)
            row.worst_s = max(row.worst_s, flow.last_yes - back)
    row.check(flow.answers[503] > 0, "nobody heard 503: the drill drilled nothing")
    engine().dispose()  # this process's own connections are dead, too
    flow.balance(row)
    flow.settle(row)
    row.figures = {"stops": size, "heard_503": flow.answers[503]}
    return row


def _server(house: Hub) -> None:
    house.kill_postgres()
    time.sleep(1)
    house.postgres.start()


def _backend(house: Hub) -> None:
    """What an operator's kill or the kernel's memory guard does: PostgreSQL resets itself."""
    kill_hard(house.postgres_processes()[-1])
