"""The machine proposes, a person disposes, and is not asked again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.problems import Problem
from hub.services.cases import claim_suggestions
from hub.services.rumors import matching
from models import Case, Claim, Link, Wording


@pytest.fixture
def pair(session, officers) -> tuple[Case, Case]:
    """Two rumor cases with an open suggestion between them."""
    cases = []
    for n in (1, 2):
        claim = Claim()
        session.add(claim)
        session.flush()
        wording = Wording(
            claim_id=claim.id, key=str(n), text=f"说法{n}", signature=b"", embedding=[0.0, 1.0],
            encoder="none", assessment={},
        )  # fmt: skip
        session.add(wording)
        session.flush()
        claim.centre_id = wording.id
        case = Case(kind="rumor", title=f"说法{n}", claim_id=claim.id, assessment={})
        session.add(case)
        cases.append(case)
    session.flush()
    newer = session.scalar(select(Wording).where(Wording.key == "2"))
    session.add(
        Link(wording_id=newer.id, claim_id=cases[0].claim_id, status="suggested",
             method="embedding", score=0.47, model="none")
    )  # fmt: skip
    session.commit()
    return cases[0], cases[1]


@pytest.mark.parametrize("first", [0, 1])
def test_a_refused_suggestion_is_gone_from_both_sides(session, officers, pair, first):
    case, other = pair[first], pair[1 - first]
    assert matching.suggested(session, case.claim_id)
    assert claim_suggestions.refuse(session, officers["lin"], case.id, case.version, other.id) == 1
    session.commit()
    for each in pair:
        assert matching.suggested(session, each.claim_id) == []
    link = session.scalars(select(Link)).one()
    assert (link.status, link.by_user_id) == ("dismissed", officers["lin"].id)


def test_there_must_be_something_to_refuse(session, officers, pair):
    case, other = pair
    claim_suggestions.refuse(session, officers["lin"], case.id, case.version, other.id)
    with pytest.raises(Problem) as again:
        claim_suggestions.refuse(session, officers["lin"], case.id, case.version, other.id)
    with pytest.raises(Problem) as nobody:
        claim_suggestions.refuse(session, officers["lin"], case.id, case.version, 999)
    assert (again.value.status, nobody.value.status) == (409, 404)
