"""What people joined, parted and refused becomes what the matcher learns from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from hub.services.cases import actions, claim_suggestions
from hub.services.learning import match_decisions
from models import Label, Report, Wording
from tests.hub.web import seed

SAID = ("某小区一名业主确诊后仍然外出买菜跳舞", "确诊业主隐瞒病情去菜市场买菜还跳广场舞")


@pytest.fixture
def jd(session, officers):
    return seed.platforms(session, "jd")["jd"]


def case_of(session, jd, *texts: str, cosine: float = 1.0):
    """A rumor case; its wordings' vectors have that cosine to (1, 0)."""
    case = seed.rumor_case(session, [(text, [jd]) for text in texts])
    for wording in session.scalars(select(Wording).where(Wording.claim_id == case.claim_id)):
        wording.embedding = [cosine, float(np.sqrt(1 - cosine**2))]
    session.commit()
    session.expire_all()
    return case


def gathered(session) -> list[tuple[str, str, bool]]:
    session.expire_all()
    return [(d.text, d.label, d.several) for d in match_decisions.gather(session, "e5@1")]


def test_a_merge_says_same_and_undone_says_apart(session, officers, jd):
    kept, gone = case_of(session, jd, SAID[0]), case_of(session, jd, SAID[1], cosine=0.6)
    actions.merge(session, officers["lin"], gone.id, gone.version, kept.id)
    session.commit()
    (found,) = match_decisions.gather(session, "e5@1")
    assert (found.text, found.label, found.several) == (SAID[1], "same", False)
    assert 0.7 * 0.6 - 0.01 < found.nearest == found.mean < 0.7 * 0.6 + 0.3  # share of the wording

    actions.unmerge(session, officers["lin"], gone.id, gone.version)
    session.commit()
    assert gathered(session) == [(SAID[1], "apart", False)]


def test_a_refused_suggestion_says_apart(session, officers, jd):
    one, other = case_of(session, jd, SAID[0]), case_of(session, jd, SAID[1])
    seed.suggest(session, one, other)
    claim_suggestions.refuse(session, officers["lin"], one.id, one.version, other.id)
    session.commit()
    assert gathered(session) == [(SAID[0], "apart", False)]


def test_a_split_says_apart_of_every_wording_that_went(session, officers, jd):
    texts = (*SAID, "业主群里说确诊的人还在小区里散步遛狗")
    case = case_of(session, jd, *texts)
    report = session.scalar(
        select(Report).join(Wording, Wording.id == Report.wording_id)
        .where(Wording.text == texts[2])
    )  # fmt: skip
    actions.split(session, officers["lin"], case.id, case.version, [report.id])
    session.commit()
    assert gathered(session) == [(texts[2], "apart", True)]


def test_what_the_machine_joined_says_same_once_a_decision_was_approved(session, officers, jd):
    case = case_of(session, jd, *SAID)
    assert gathered(session) == []
    session.add(
        Label(case_id=case.id, task="rumor", value="rumor", said="", via="approve",
              by_user_id=officers["lin"].id, created_at=datetime.now(UTC) + timedelta(seconds=1))
    )  # fmt: skip
    session.commit()
    assert gathered(session) == [(SAID[1], "same", False)]


def test_copies_and_texts_of_another_encoder_say_nothing(session, officers, jd):
    kept, gone = case_of(session, jd, SAID[0]), case_of(session, jd, SAID[1])
    actions.merge(session, officers["lin"], gone.id, gone.version, kept.id)
    session.commit()
    assert match_decisions.gather(session, "another") == []
    for wording in session.scalars(select(Wording)):
        wording.signature = b"\x01" * 512
    session.commit()
    assert match_decisions.gather(session, "e5@1") == []
