"""The queue's tabs say how many cases there are, whatever happened to them."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.desk.queue import queue
from hub.services.cases import queue_tally
from hub.services.office import clocks
from models import Case, CaseTally
from models.states import STAGES
from tests.hub.web import seed

FILTERS = [
    {}, {"kind": "rumor"}, {"platform": "jd"}, {"kind": "violation", "platform": "pdd"},
]  # fmt: skip


def _agree(session) -> None:
    session.flush()
    for each in FILTERS:
        filters = queue.Filters(**each)
        counted = queue._tabs(session, *queue._conditions(filters, None))
        assert queue._counts(session, filters, None) == counted, each
    assert sum(queue._tabs(session).values()) > 0


def _change(draw: random.Random, session, case: Case) -> None:
    what = draw.randrange(4)
    if what == 0:
        seed.put(session, case, draw.choice([*STAGES, "OPEN", "INVESTIGATING"]))
    elif what == 1:
        days = draw.choice([None, -1, 0, 1, 9])
        case.parked_until = None if days is None else clocks.today(session) + timedelta(days)
    elif what == 2:
        case.spread = {slug: draw.randint(1, 3) for slug in ("jd", "pdd") if draw.random() < 0.5}
    else:
        case.demand += 1
    session.flush()


@pytest.mark.parametrize("number", range(3))
def test_tabs_are_added_up_as_they_would_be_counted(session, number):
    draw, p = random.Random(number), seed.platforms(session, "jd", "pdd")
    cases = [seed.rumor_case(session, [(f"口罩断货{n}", [p["jd"]])]) for n in range(5)]
    for _ in range(40):
        _change(draw, session, draw.choice(cases))
    _agree(session)


def test_a_change_that_moves_no_case_writes_nothing(session):
    case = seed.rumor_case(session, [("口罩断货", [seed.platforms(session, "jd")["jd"]])])
    session.flush()
    before = session.scalar(select(func.count()).select_from(CaseTally))
    case.demand, case.spread = 2, {"jd": 2}
    session.flush()
    assert session.scalar(select(func.count()).select_from(CaseTally)) == before


def test_rows_of_one_tab_are_put_together(session, monkeypatch):
    monkeypatch.setattr(queue_tally, "MANY", 3)
    p = seed.platforms(session, "jd")
    for n in range(4):
        seed.rumor_case(session, [(f"口罩断货{n}", [p["jd"]])])
    session.flush()
    queue_tally.fold(session)
    assert session.scalar(select(func.count()).select_from(CaseTally)) == 2  # all, and jd
    _agree(session)


def test_a_recount_mends_a_tally(session):
    seed.rumor_case(session, [("口罩断货", [seed.platforms(session, "jd")["jd"]])])
    session.add(CaseTally(kind="rumor", stage="executed", platform="", n=5))
    session.flush()
    queue_tally.recount(session)
    _agree(session)
