"""One case goes into another with everything that was counted of it."""

from __future__ import annotations

from hub import locks
from hub.desk.queue.case_lines import reporters_of
from hub.locks import Lock
from hub.services.cases import reporter_counts
from hub.services.merchants import merging
from models import Merchant
from tests.hub.web import seed


def test_the_people_who_reported_two_folded_cases_are_counted_together(session):
    locks.hold(session, Lock.CLAIMS)
    p = seed.platforms(session, "jd", "weidian")
    case = seed.merchant_case(session, [("涨价", [p["jd"]])], None)
    twin = seed.merchant_case(session, [("涨价", [p["weidian"]] * 2)], "91110105MA5T7FBCX8")
    reporter_counts.count_few(session, [case, twin])
    here, there = (session.get_one(Merchant, c.merchant_id) for c in (case, twin))
    merging.join(session, here, there, [])
    assert (case.state, twin.demand, reporters_of(twin)) == ("MERGED", 3, "3 人")
