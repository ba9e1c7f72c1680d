"""A new platform gets the orders in force 补发, once; then it is a platform like any other."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import CHANGING, Lock
from hub.services.audit import audit_log
from hub.services.enforcement import composing, issuing
from models import Case, Decision, Order, Platform, Withheld
from models.states import DecisionState

BATCH = 100  # decisions in one transaction


def catch_up(session: Session) -> int:
    """Send the platform that joined longest ago its next batch of orders; how many it got.

    No fan-out is half done meanwhile, and each case is locked, so that no decision is missed
    and none is ordered that was just revoked.
    """
    newcomer = select(Platform.id).where(Platform.caught_up_at.is_(None), Platform.active)
    platform_id = session.scalar(newcomer.order_by(Platform.id).limit(1))
    if platform_id is None:
        return 0
    locks.hold(session, Lock.FAN_OUT)
    owed = _missing(session, platform_id)
    platform = session.get_one(Platform, platform_id, with_for_update=dict(CHANGING))
    issued = sum(_send_order(session, case, decision, platform) for case, decision in owed)
    if len(owed) < BATCH and platform.caught_up_at is None:
        platform.caught_up_at = func.now()
    if issued:
        audit_log.note(session, "sweeper", "caught_up", platform=platform.slug, orders=issued)
    return issued


def _missing(session: Session, platform_id: int) -> list[tuple[Case, Decision]]:
    """Decisions in force that the platform neither got nor was refused, with their cases locked
    in one order; what ended before the lock was acquired is left out."""
    got = exists().where(Order.decision_id == Decision.id, Order.platform_id == platform_id)
    refused = exists().where(
        Withheld.decision_id == Decision.id,
        Withheld.platform_id == platform_id,
        Withheld.code != "inactive",  # it was suspended and is active again
    )
    missing = Decision.state == DecisionState.APPROVED, ~got, ~refused
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_(select(Decision.case_id).where(*missing)))
        .order_by(Case.id)
        .limit(BATCH)
        .with_for_update(**CHANGING)
    ).all()
    found = select(Decision).where(*missing, Decision.case_id.in_([c.id for c in cases]))
    by_case = {d.case_id: d for d in session.scalars(found)}
    return [(c, by_case[c.id]) for c in cases if c.id in by_case]


def _send_order(session: Session, case: Case, decision: Decision, platform: Platform) -> bool:
    """Issue the order as of today, or record why there is none."""
    known = session.scalar(
        select(Withheld).where(
            Withheld.decision_id == decision.id, Withheld.platform_id == platform.id
        )
    )
    what = composing.asked(case, decision, platform)
    why = what.withheld or ("lapsed" if _lapsed(session, decision, what) else None)
    if why is None:
        issuing.issue(session, case, decision, what)
        if known is not None:
            known.ended_at = func.now()
        return True
    if known is None:
        session.add(Withheld(decision_id=decision.id, platform_id=platform.id, code=why))
    else:
        known.code = why
    return False


def _lapsed(session: Session, decision: Decision, what: composing.PlatformOrder) -> bool:
    """Whether every measure of the decision has run its term."""
    terms = [f.done["term_days"] for f in what.fits if f.done]
    if not terms or not all(terms) or decision.approved_at is None:
        return False
    now = session.scalars(select(func.now())).one()
    return decision.approved_at + timedelta(days=max(terms)) <= now
