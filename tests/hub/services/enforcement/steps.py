"""What tests of decisions do and look up: act as an officer, answer as a platform."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from hub.services.platforms import directory
from models import Case, Decision, Order, Platform, Withheld

AT = "2020-02-21T10:00:00+08:00"


def now(session) -> Case:
    """The only case, as it is now."""
    session.rollback()
    session.expire_all()
    return session.scalars(select(Case)).one()


def act(session, verb, user, *more):
    """An officer does something to the case and saves."""
    case = now(session)
    done = verb(session, user, case.id, case.version, *more)
    session.commit()
    return done


def orders(session) -> dict[str, Order]:
    """By platform, the newest order of each."""
    session.rollback()
    return {o.platform.slug: o for o in session.scalars(select(Order).order_by(Order.id))}


def penalty(session, slug: str, version: int = 1) -> Order:
    """What a version of the decision orders of a platform."""
    session.rollback()
    session.expire_all()
    return session.scalars(
        select(Order)
        .join(Decision, Decision.id == Order.decision_id)
        .where(Order.platform.has(slug=slug), Order.revokes_id.is_(None))
        .where(Decision.version == version)
    ).one()


def withheld(session) -> dict[str, str]:
    """By platform, why it got no order."""
    query = select(Platform.slug, Withheld.code).join(Platform, Platform.id == Withheld.platform_id)
    return {slug: code for slug, code in session.execute(query)}


def declare(session, slug: str, codes: list[str], kind: str | None = None) -> None:
    """A platform says what it can do."""
    platform = session.scalars(select(Platform).where(Platform.slug == slug)).one()
    directory.declare(session, platform.id, codes, kind, datetime.now(UTC))
    session.commit()


def executed(sender, order: Order, result: str = "executed"):
    """A platform answers an order."""
    data = {"order_id": order.public_id, "result": result, "at": AT, "done": []}
    return sender.send("order.executed", data)
