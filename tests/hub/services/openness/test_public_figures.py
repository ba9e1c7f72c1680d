"""What is published cannot tell of a few people, and a closed day does not change."""

from __future__ import annotations

from sqlalchemy import func, select

from hub.desk.oversight import statistics
from hub.services.openness import daily_counts, public_figures
from models import DayCount
from tests.hub.web import seed


def test_today_is_not_published(session, p):
    seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6)])
    daily_counts.close(session)
    assert not session.scalar(select(func.sum(DayCount.n)))
    assert public_figures.headline(session).reports == 0


def test_provinces_come_from_the_merchant_or_the_place_named(session, p, ago):
    case = seed.merchant_case(
        session, [("天价", [p["jd"]] * 7)], None, subject={"region": "320505"}
    )
    rumor = seed.rumor_case(session, [("武汉封路", [p["jd"]] * 6)])
    from models import Wording

    for wording in session.scalars(select(Wording).where(Wording.claim_id.is_not(None))):
        places = {"places": [{"text": "武汉", "start": 0, "end": 2, "value": "420100"}]}
        wording.assessment = {**wording.assessment, "entities": places}
    session.flush()
    for each in (case, rumor):
        ago(each, 2)
    daily_counts.close(session)
    rows = {row[1]: row[2:] for row in public_figures.by_province(session)}
    assert rows["江苏省"] == [0, 7, 7] and rows["湖北省"] == [6, 0, 6]
    found = statistics.read(session, 7)
    assert dict(found.regions) == {"江苏省": 7, "湖北省": 6} and found.total == 13
    assert sum(found.cases["新案件"]) == 0  # opened today, which is not over
