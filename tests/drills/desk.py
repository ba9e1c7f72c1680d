"""Cases and decisions for drills, made through the hub's own services."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import Lock
from hub.services.enforcement import approving, proposing
from models import Case, Decision, Merchant, User

MEASURES = ["close_shop", "bar_onboarding"]


def officer(session: Session, role: str) -> User:
    """The demo's officer of this role."""
    return session.scalars(select(User).where(User.username == role)).one()


def proposed(session: Session) -> Decision:
    """A fresh merchant's case with a proposal that waits for an approver."""
    name = f"演练商户{uuid.uuid4().hex[:10]}"
    merchant = Merchant(name=name)
    session.add(merchant)
    session.flush()
    case = Case(
        kind="violation",
        title=name,
        merchant_id=merchant.id,
        violation="unspecified",
        assessment={},
    )
    session.add(case)
    session.flush()
    handler = officer(session, "handler")
    return proposing.propose(session, handler, case.id, 1, MEASURES, "演练")


def ordered(session: Session) -> Decision:
    """A decision in force: one order for every platform is in the outbox."""
    locks.hold(session, Lock.FAN_OUT, shared=True)  # two steps in one transaction
    decision = proposed(session)
    approver = officer(session, "approver")
    return approving.approve(session, approver, decision.case_id, 2)
