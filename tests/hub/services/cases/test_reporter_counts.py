"""How many different people reported a case: at once for a small one, within minutes for others."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from hub.desk.queue.case_lines import reporters_of
from hub.jobs import assess
from hub.services.cases import actions, reporter_counts, trust_rounds
from models import Case, Report
from tests.hub.web import seed

RUMOR = "紧急通知：明天早上六点所有高速公路全部封闭，今晚必须回来"


def fresh(session) -> Case:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Case).order_by(Case.id)).first()


def test_one_person_on_one_platform_counts_once(platforms, session):
    for slug, ref in (("jd", "a"), ("jd", "a"), ("jd", "b"), ("weidian", "a"), ("jd", None)):
        number = session.query(Report).count()
        more = {"reporter": {"kind": "user", "ref": ref}} if ref else {}
        platforms[slug].report(f"R{number}", RUMOR, **more)
    assess.drain()
    case = fresh(session)
    assert case.reporters == {"people": 4, "of": 5, "about": False}
    assert reporters_of(case) == "4 人"


def test_people_come_and_go_with_their_reports(session, officers):
    p = seed.platforms(session, "jd")["jd"]
    one = seed.rumor_case(session, [("全城断供", [p] * 2), ("超市要关门", [p])])
    other = seed.rumor_case(session, [("高速封路", [p] * 3)])
    session.commit()
    clerk = officers["lin"]
    assert reporters_of(actions.merge(session, clerk, other.id, other.version, one.id)) == "6 人"
    actions.unmerge(session, clerk, other.id, other.version)
    assert (reporters_of(one), reporters_of(other)) == ("3 人", "3 人")
    alone = session.scalars(select(Report).where(Report.text == "超市要关门")).one()
    new = actions.split(session, clerk, one.id, one.version, [alone.id])
    assert (reporters_of(one), reporters_of(new)) == ("2 人", "1 人")


def test_a_large_case_says_how_many_at_least_until_it_is_weighed(session, monkeypatch):
    monkeypatch.setattr(reporter_counts, "FEW", 2)
    case = seed.rumor_case(session, [("口罩断货", [seed.platforms(session, "jd")["jd"]] * 3)])
    reporter_counts.count_few(session, [case])
    assert reporters_of(case) == ""
    trust_rounds.whole(session)
    assert reporters_of(case) == "3 人"
    case.demand = 9
    assert reporters_of(case) == "3+ 人"
    case.demand = 1  # two were split off since
    assert reporters_of(case) == ""


def test_of_a_case_read_hour_by_hour_the_lowest_hashes_are_kept(session, monkeypatch):
    monkeypatch.setattr(trust_rounds, "SLICE", 7)
    monkeypatch.setattr(reporter_counts, "LOWEST", 20)
    case = seed.rumor_case(session, [("口罩断货", [seed.platforms(session, "jd")["jd"]] * 300)])
    trust_rounds.whole(session)
    assert case.reporters["about"] and 150 < case.reporters["people"] < 600
    assert reporters_of(case) == f"约 {case.reporters['people']} 人"


@pytest.mark.parametrize("size", [300, 5_000, 2_000_000])
def test_so_many_people_that_only_their_lowest_hashes_are_kept_are_counted_roughly(size):
    draw = random.Random(size)
    lowest = sorted(draw.randrange(-(2**63), 2**63) for _ in range(size))[: reporter_counts.LOWEST]
    assert reporter_counts.estimate(lowest) == pytest.approx(
        size, rel=0.2
    )  # three times the usual error
