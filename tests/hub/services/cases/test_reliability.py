"""Who was right before weighs more, who was wrong less, and nobody is dropped."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from hub.services.cases import actions, ranking, reliability, trust_rounds
from hub.services.people import accounts
from models import Case, Report
from tests.hub.web import seed

REFS = {"right": "r-1", "wrong": "w-1"}


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "pdd")


def _case(session, platform, ref: str | None, state: str, n: int = 1):
    payload = {"reporter": {"kind": "named", "ref": ref}} if ref else {}
    case = seed.rumor_case(session, [("口罩断货", [platform] * n)], **payload)
    seed.put(session, case, state)
    session.flush()
    return case


def test_the_mean_of_a_beta_distribution():
    assert reliability.mean(0, 0) == 0.5
    assert reliability.mean(8, 0) == 0.9
    assert reliability.mean(0, 8) == 0.1


def test_reporters_and_platforms_are_known_by_their_outcomes(session, p):
    right = _case(session, p["jd"], "r-1", "EXECUTED", 3)
    wrong = _case(session, p["jd"], "w-1", "DISMISSED", 2)
    waiting = _case(session, p["jd"], "r-1", "OPEN")
    nameless = _case(session, p["pdd"], None, "DISMISSED")
    trust_rounds.whole(session)
    ids = {c: session.scalars(select(Report.id).where(Report.case_id == c.id)).first()
           for c in (right, wrong, waiting, nameless)}  # fmt: skip
    found = reliability.of_reports(session, list(ids.values()))
    assert found[ids[waiting]].value == pytest.approx(4 / 5, abs=0.01)
    assert found[ids[wrong]].value == pytest.approx(1 / 4, abs=0.01)
    assert ids[nameless] not in found
    platforms = reliability.of_platforms(session, ["jd", "pdd"])
    assert platforms["jd"].value == pytest.approx(4 / 7, abs=0.01)
    assert platforms["pdd"].value == pytest.approx(1 / 3, abs=0.01)


def test_an_outcome_counts_half_after_a_half_life(session, p):
    _case(session, p["jd"], "r-1", "EXECUTED")
    ago = func.now() - func.make_interval(0, 0, 0, reliability.HALF_LIFE)
    session.execute(update(Report).values(received_at=ago))
    trust_rounds.whole(session)
    assert reliability.of_platform(session, "jd").confirmed == pytest.approx(0.5, abs=0.001)


def test_a_dismissal_undone_leaves_nothing(session, p):
    handler = accounts.create(session, "handler", "甲", "handler", seed.PASSWORD)
    case = _case(session, p["jd"], "r-1", "OPEN")
    actions.dismiss(session, handler, case.id, case.version, "查无此事")
    trust_rounds.whole(session)
    assert reliability.of_platform(session, "jd").value < 0.5
    session.commit()
    actions.reopen(session, handler, case.id, case.version, "有新证据")
    trust_rounds.whole(session)
    assert reliability.of_platform(session, "jd").value == 0.5


def test_priority_follows_who_reports_and_no_report_counts_for_nothing(session, p):
    for _ in range(6):
        _case(session, p["jd"], "r-1", "EXECUTED")
        _case(session, p["jd"], "w-1", "DISMISSED")
    trusted = _case(session, p["jd"], "r-1", "OPEN", 4)
    doubted = _case(session, p["jd"], "w-1", "OPEN", 4)
    plain = _case(session, p["jd"], "somebody new", "OPEN", 4)
    trust_rounds.whole(session)
    assert trusted.priority > plain.priority > doubted.priority > 0
    assert 0.5 <= doubted.trust < 1 < trusted.trust <= 1.5
    assert plain.trust == 1.0
    assert doubted.demand == 4
    assert doubted.priority == ranking.priority(0.72, 4, {"jd": 4}, doubted.trust)


def test_a_flood_is_marked_counts_as_its_sources_and_stays(session, p):
    flooded = _case(session, p["jd"], "one buyer", "OPEN", 30)
    trust_rounds.whole(session)
    assert flooded.flood["copies"] == 30 and flooded.flood["sources"] == 1
    assert flooded.demand == 30 and flooded.state == "OPEN"
    alone = _case(session, p["jd"], "another buyer", "OPEN", 1)
    trust_rounds.whole(session)
    assert flooded.priority == pytest.approx(alone.priority, rel=0.01)


def test_many_people_with_the_same_words_are_no_flood(session, p):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 30)])  # who they are is not known
    trust_rounds.whole(session)
    assert case.flood is None and case.trust == 1.0
    for n, report in enumerate(session.scalars(select(Report)).all()):
        report.payload = report.payload | {"reporter": {"kind": "named", "ref": f"r-{n}"}}
    session.flush()
    trust_rounds.whole(session)
    assert session.get_one(Case, case.id).flood is None
