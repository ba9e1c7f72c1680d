"""A proposal says which measures, and why; refused, it can be made again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.problems import Problem
from hub.services.enforcement import proposing
from models import Decision


def test_measures_must_fit_and_facts_be_written(session, officers, case):
    def propose(codes, facts):
        with pytest.raises(Problem) as refused:
            proposing.propose(session, officers["lin"], case.id, case.version, codes, facts)
        return refused.value.status, refused.value.errors[0].field

    assert propose([], "事实") == (422, "measures")
    assert propose(["mute_30"], "事实") == (422, "measures")
    assert propose(["fly_to_the_moon"], "事实") == (422, "measures")
    assert propose(["close_shop"], " ") == (422, "facts")


def test_a_rejected_proposal_can_be_made_again(session, officers, proposed):
    proposing.reject(session, officers["zhou"], proposed.id, proposed.version, "证据不足")
    proposing.propose(
        session, officers["lin"], proposed.id, proposed.version, ["warn"], "补充证据后"
    )
    versions = session.scalars(select(Decision.version).order_by(Decision.version)).all()
    assert versions == [1, 2]
