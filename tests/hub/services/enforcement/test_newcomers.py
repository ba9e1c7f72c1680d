"""A platform that joins, or was away, gets the orders in force once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from hub.jobs import sweep
from hub.services.enforcement import approving, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.platforms import directory
from models import Decision, Order, Platform, Withheld
from tests.hub.services.enforcement.steps import act, penalty, withheld


def newcomers_get() -> int:
    """Orders sent by as many rounds of the sweeper as there are platforms."""
    return sum(sweep.sweep()["orders_to_newcomers"] for _ in range(3))


def test_a_new_participant_gets_the_orders_in_force_once(session, officers, approved):
    assert newcomers_get() == 0  # jd and weidian are owed nothing
    directory.register(session, "pdd", "拼多多", "http://127.0.0.1:9/pdd")
    session.commit()
    assert newcomers_get() == 1
    assert newcomers_get() == 0
    body = penalty(session, "pdd").body
    assert body["measures"] == penalty(session, "jd").body["measures"]
    assert body["subject"]["shops"] == []
    act(session, approving.revoke, officers["zhou"], "认定有误")  # and hears of its end
    revoked = session.scalars(select(Order).where(Order.revokes_id.is_not(None)))
    assert {o.platform.slug for o in revoked} == {"jd", "weidian", "pdd"}


def test_a_newcomer_gets_nothing_that_ended_and_a_reason_for_what_lapsed(session, officers, case):
    draft = ProposalTerms(terms={"suspend_shop": 7})
    act(session, proposing.propose, officers["lin"], ["suspend_shop"], "事实", draft)
    act(session, approving.approve, officers["zhou"])
    session.execute(update(Decision).values(approved_at=func.now() - timedelta(days=8)))
    directory.register(session, "pdd", "拼多多", "http://127.0.0.1:9/pdd")
    session.commit()
    assert newcomers_get() == 0
    session.rollback()
    assert withheld(session) == {"pdd": "lapsed"}


def test_a_platform_that_was_away_gets_what_it_missed_when_it_is_back(session, officers, proposed):
    session.execute(update(Platform).where(Platform.slug == "jd").values(active=False))
    session.commit()
    act(session, approving.approve, officers["zhou"])
    assert withheld(session) == {"jd": "inactive"}
    session.execute(
        update(Platform).where(Platform.slug == "jd").values(active=True, caught_up_at=None)
    )
    session.commit()
    assert newcomers_get() == 1
    assert penalty(session, "jd").execution == "NONE"
    assert session.scalars(select(Withheld)).one().ended_at is not None
