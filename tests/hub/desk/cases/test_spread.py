"""How a case spread, by platform and province over time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hub.desk.cases import spread
from hub.web.common import plots
from models import Report
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian")


def test_a_case_is_plotted_by_platform_and_province_over_time(session, p):
    case = seed.merchant_case(
        session, [("天价", [p["jd"]] * 4 + [p["weidian"]])], None, subject={"region": "320505"}
    )
    ids = list(session.scalars(select(Report.id).order_by(Report.id)))
    for hours, id_ in zip((30, 20, 10, 1, 0), ids, strict=True):
        session.execute(
            update(Report)
            .where(Report.id == id_)
            .values(received_at=func.now() - timedelta(hours=hours))
        )
    found = spread.of_case(session, case)
    assert {name: sum(counts) for name, counts in found.by_platform.items()} == {
        "京东": 4,
        "微店": 1,
    }
    assert sum(found.by_province["江苏省"]) == 5 and len(found.wide) <= 12
    drawn = plots.spread(found)
    assert len(drawn) == 2 and "京东" in drawn[0] and "江苏省" in drawn[1]
