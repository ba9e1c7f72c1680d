"""Officers' words become lessons: the newest word, a few wordings a case, no denials."""

from __future__ import annotations

import pytest

from hub.services.learning import training_sets
from hub.services.review import labels
from models import User, Wording
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "pdd")


@pytest.fixture
def say(session):
    """`say(case, value)`: an officer's word on the theme of a case."""
    officer = User(username="lin", name="lin", role="handler", password_hash="-")
    session.add(officer)
    session.flush()

    return lambda case, value: labels.record(
        session, officer, case, "theme", value, labels.EXPLICIT
    )


def test_the_newest_word_teaches_and_only_of_the_values_asked_for(session, p, say):
    one = seed.rumor_case(session, [("盐水漱口防病毒", [p["jd"]])])
    other = seed.rumor_case(session, [("明天全城停水", [p["jd"]])])
    for case, value in ((one, "politics"), (one, "health"), (other, "society")):
        say(case, value)
    (lesson,) = training_sets.gather(session, "theme", {"health", "politics"})
    assert (lesson.text, lesson.label) == ("盐水漱口防病毒", "health")
    assert lesson.claim == f"claim {one.claim_id}" and lesson.lead
    assert training_sets.gather(session, "rumor", {"health"}) == []


def test_each_wording_teaches_once_up_to_a_few_and_denials_do_not(session, p, say, monkeypatch):
    monkeypatch.setattr(training_sets, "MOST_WORDINGS", 2)
    both = [p["jd"], p["pdd"]]
    case = seed.rumor_case(session, [(text, both) for text in ("甲说", "乙说", "丙说", "丁说")])
    denial = {"stance": {"stance": "denies", "score": 0.9, "cues": []}}
    second = session.query(Wording).filter_by(text="乙说").one()
    second.assessment = second.assessment | denial
    say(case, "health")
    lessons = training_sets.gather(session, "theme", {"health"})
    assert [(lesson.text, lesson.lead) for lesson in lessons] == [("甲说", True), ("丙说", False)]
