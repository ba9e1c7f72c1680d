"""Decided by two, ordered everywhere at once, answered by each platform for itself."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from hub.database import session_scope
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.enforcement import approving
from models import AuditEntry, Case, Decision
from tests.hub.services.enforcement.steps import act, declare, executed, orders


def test_nobody_approves_their_own_proposal(session, officers, proposed):
    with pytest.raises(Problem) as refused:
        approving.approve(session, officers["lin"], proposed.id, proposed.version)
    assert (refused.value.status, refused.value.code) == (403, "four_eyes")


def test_the_database_refuses_it_too(session, officers, proposed):
    session.rollback()
    decision = session.scalars(select(Decision)).one()
    decision.approved_by_id = decision.proposed_by_id
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


def test_of_approvers_racing_one_wins_and_one_hears_of_it(session, officers, proposed):
    results: list[str] = []
    barrier = threading.Barrier(2)

    def approve(who: str) -> None:
        barrier.wait()
        try:
            with session_scope() as s:
                approving.approve(s, officers[who], proposed.id, proposed.version)
            results.append("won")
        except Problem as problem:
            results.append(f"{problem.status} {problem.detail}")

    threads = [threading.Thread(target=approve, args=(who,)) for who in ("zhou", "wu")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(results)[1] == "won"
    assert sorted(results)[0].startswith("409") and "批准" in sorted(results)[0]
    assert len(orders(session)) == 2


def test_the_proposer_cannot_revoke_alone(session, officers, approved):
    with pytest.raises(Problem, match="four_eyes"):
        approving.revoke(session, officers["lin"], approved.id, approved.version, "改主意")


def test_the_merchants_next_offence_is_a_new_case(session, platforms, approved):
    from hub.jobs import assess

    platforms["jd"].report(
        "again",
        "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格",
        kind="violation",
        subject={"shop_id": "jd-shop"},
    )
    assess.drain()
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_every_step_is_in_the_audit_log_and_the_chain_holds(session, platforms, approved):
    executed(platforms["jd"], orders(session)["jd"])
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["propose", "approve", "executed"]
    assert audit_log.verify(session) == (3, None)


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit_entry SET actor = 'someone' WHERE id = 1",
        "UPDATE audit_entry SET detail = '{}' WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_an_altered_audit_log_is_found(session, approved, tamper):
    session.execute(text(tamper))
    session.commit()
    assert audit_log.verify(session)[1] is not None


def test_a_decision_nobody_would_get_is_not_approved(session, officers, proposed):
    for slug in ("jd", "weidian"):
        declare(session, slug, ["push_debunk"])
    with pytest.raises(Problem, match="没有平台会收到"):
        act(session, approving.approve, officers["zhou"])
