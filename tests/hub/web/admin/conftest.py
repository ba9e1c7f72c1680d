"""A decision on its way, for administrators' pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub import job_queue
from hub.services.enforcement import approving, proposing
from models import Attempt, Delivery
from tests.hub.web import seed


@pytest.fixture
def notified(monkeypatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(job_queue, "notify", lambda name: heard.append(name) or True)
    return heard


@pytest.fixture
def ordered(session, officers):
    """One decision on its way to two platforms; one of them is gone."""
    p = seed.platforms(session, "jd", "weidian")
    case = seed.merchant_case(session, [("口罩从2元涨到15元", [p["jd"]])], None)
    proposing.propose(session, officers["handler"], case.id, 1, ["close_shop"], "事实")
    session.commit()
    approving.approve(session, officers["approver"], case.id, 2)
    session.flush()
    stuck = session.scalar(select(Delivery).where(Delivery.platform_id == p["weidian"].id))
    stuck.state, stuck.attempts = "BLOCKED", 1
    p["weidian"].paused_because = "the endpoint answered 410 Gone"
    session.add(
        Attempt(delivery_id=stuck.id, number=1, status=410, reply="<b>gone</b>", milliseconds=12)
    )
    session.commit()
    return stuck
