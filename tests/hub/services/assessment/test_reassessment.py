"""After a rule changed, what was read before is read again, and people's decisions stay."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from classifiers.stance import version
from hub.jobs import assess
from hub.services.cases import counts
from hub.services.enforcement import proposing
from models import Case, Wording
from tests.hub.services.rumors.test_denials import DENIAL, RUMOR


def fresh(session) -> Case:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Case)).one()


@pytest.fixture
def read_by_older_rules(platforms, session) -> Case:
    """A rumor's case whose denial the rules of another day took for the rumor itself."""
    platforms["weidian"].report("W1", DENIAL)
    platforms["jd"].report("J1", RUMOR)
    assess.drain()
    for wording in fresh(session) and session.scalars(select(Wording)):
        older = {**wording.assessment["versions"], "stance": "stance-older"}
        asserts = {**wording.assessment["stance"], "stance": "asserts"}
        wording.assessment = {**wording.assessment, "stance": asserts, "versions": older}
    case = session.scalars(select(Case)).one()
    case.assessment = session.scalars(select(Wording).order_by(Wording.id)).first().assessment
    case.urgency = 0.99
    session.flush()
    counts.recount(session, case)
    session.commit()
    assert case.denied == {}
    return case


def test_a_denial_is_counted_as_one_once_it_is_read_again(run, session, read_by_older_rules):
    done = run("assess", "again")
    assert "2 wordings reassessed; 1 changed their stance" in done.output, done.output
    case = fresh(session)
    assert (case.demand, case.denied) == (2, {"weidian": 1})
    assert case.assessment["stance"]["stance"] == "asserts" and case.title == RUMOR
    assert 0 < case.urgency < 0.99
    assert {w.assessment["versions"]["stance"] for w in session.scalars(select(Wording))} == {
        version()
    }


def test_what_the_loaded_versions_read_is_left_alone(run, read_by_older_rules):
    assert "2 wordings" in run("assess", "again", "--older-than", version()).output
    assert "0 wordings" in run("assess", "again").output


def test_a_version_that_is_not_loaded_is_refused(run, clean_db):
    done = run("assess", "again", "--older-than", "stance-none")
    assert done.exit_code == 1 and version() in done.output


def test_a_case_with_a_decision_stays_as_it_was_decided(
    run, session, officers, read_by_older_rules
):
    case = read_by_older_rules
    proposing.propose(session, officers["lin"], case.id, case.version, ["label_content"], "事实")
    session.commit()
    before = (case.assessment, case.denied, case.urgency, case.version, case.state)
    assert "2 wordings" in run("assess", "again").output
    case = fresh(session)
    assert (case.assessment, case.denied, case.urgency, case.version, case.state) == before
