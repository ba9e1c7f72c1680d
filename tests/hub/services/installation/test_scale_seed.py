"""Made-up data for measuring goes into a named, empty database only, and is what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.desk.case_page import case_file
from hub.desk.queue import queue
from hub.services.cases import counts
from hub.services.enforcement import newcomers
from hub.services.installation import scale_seed
from hub.services.openness import daily_counts
from hub.services.people import accounts
from models import Case, Claim, DayCount, Platform, Report, Withheld
from tests.hub.web import seed


@pytest.fixture
def filled(session):
    made = [
        accounts.create(session, name, name, name, seed.PASSWORD)
        for name in ("handler", "approver")
    ]
    scale_seed.check(session, "postgres")
    scale_seed.fill(session, (made[0].id, made[1].id), reports=2000)
    session.commit()
    return session


def test_the_numbers_keep_their_proportions(filled):
    count = {t: filled.scalar(select(func.count()).select_from(t)) for t in (Report, Claim, Case)}
    assert count == {Report: 2000, Claim: 400, Case: 100}
    for case in filled.scalars(select(Case).limit(20)):
        was, ranked = (case.demand, dict(case.spread)), case.priority
        counts.recount(filled, case)
        assert (case.demand, dict(case.spread)) == was
        assert case.priority == pytest.approx(ranked)


def test_pages_read_it_and_search_finds_it(filled):
    page = queue.page(filled, queue.Filters(q="口罩"))
    assert page.lines and all("口罩" in case_file.read(filled, c.id).title for c in page.lines[:3])


def test_statistics_have_every_day_and_the_provinces(filled):
    last = daily_counts.last(filled)
    counted = select(func.sum(DayCount.n)).where(DayCount.day >= last - timedelta(days=58))
    assert filled.scalar(counted) > 1500  # the rest came today
    provinces = set(filled.scalars(select(DayCount.province).where(DayCount.n > 0)))
    assert len(provinces) == 5 and "" not in provinces
    assert daily_counts.close(filled) == 0


def test_its_platforms_are_owed_nothing(filled):
    assert not filled.scalars(select(Platform).where(Platform.caught_up_at.is_(None))).all()
    assert newcomers.catch_up(filled) == 0
    assert filled.scalar(select(func.count()).select_from(Withheld)) == 0


def test_a_database_in_use_or_misnamed_is_left_alone(filled):
    with pytest.raises(scale_seed.NotEmpty, match="not empty"):
        scale_seed.check(filled, "postgres")
    with pytest.raises(scale_seed.NotEmpty, match="not 'hub'"):
        scale_seed.check(filled, "hub")
