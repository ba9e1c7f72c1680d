"""Officers and a case with a decision, made through the services."""

from __future__ import annotations

import pytest

from hub.jobs import assess
from hub.services.enforcement import approving, proposing
from models import Case, User


@pytest.fixture
def officers(session) -> dict[str, User]:
    made = {}
    for name, role in (("lin", "handler"), ("zhou", "approver"), ("wu", "approver")):
        made[name] = User(username=name, name=name, role=role, password_hash="-")
        session.add(made[name])
    session.commit()
    return made


@pytest.fixture
def case(platforms, session) -> Case:
    """A merchant's case with a report from each platform."""
    for slug, sender in platforms.items():
        sender.report(
            f"{slug}-1",
            "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格",
            kind="violation",
            content={"url": f"https://{slug}.example/item/1"},
            subject={
                "shop_id": f"{slug}-shop",
                "shop_name": "康宁护具",
                "uscc": "91110105MA5T7FBCX8",
            },
        )
    assess.drain()
    session.rollback()
    return session.query(Case).one()


@pytest.fixture
def proposed(session, officers, case) -> Case:
    proposing.propose(
        session, officers["lin"], case.id, case.version, ["close_shop", "bar_onboarding"], "事实"
    )
    session.commit()
    return case


@pytest.fixture
def approved(session, officers, proposed) -> Case:
    approving.approve(session, officers["zhou"], proposed.id, proposed.version)
    session.commit()
    return proposed
