"""Decided, a measure is ordered everywhere at once, and taken back everywhere."""

from __future__ import annotations

import json

from sqlalchemy import select

from hub.services.enforcement import approving
from hub.web.platforms import schemas
from models import Case, Delivery, Order
from tests.hub.services.enforcement.steps import executed, orders


def test_one_order_and_one_delivery_for_every_platform(session, approved):
    found = orders(session)
    assert set(found) == {"jd", "weidian"}
    sent = session.scalars(select(Delivery).where(Delivery.order_id.is_not(None))).all()
    assert {d.order_id for d in sent} == {o.id for o in found.values()}
    assert session.get(Case, approved.id).state == "ORDERED"


def test_an_order_names_the_platforms_own_shops_only(session, approved):
    for slug, order in orders(session).items():
        assert [s["shop_id"] for s in order.body["subject"]["shops"]] == [f"{slug}-shop"]


def test_what_is_sent_keeps_to_the_contract(session, approved):
    for delivery in session.scalars(select(Delivery)):
        body = json.loads(bytes(delivery.body))
        schemas.OUTBOUND[body["type"]].model_validate_json(json.dumps(body["data"]))
        assert set(body) == {"type", "timestamp", "iss", "aud", "seq", "data"}
        assert body["type"] == delivery.type


def test_revoking_reaches_every_platform_with_a_higher_seq(session, officers, platforms, approved):
    penalties = orders(session)
    executed(platforms["jd"], penalties["jd"])
    session.rollback()
    approving.revoke(session, officers["zhou"], approved.id, approved.version, "申诉成立")
    session.commit()
    revocations = {
        o.platform.slug: o
        for o in session.scalars(select(Order).where(Order.revokes_id.is_not(None)))
    }
    assert set(revocations) == {"jd", "weidian"}
    for slug, order in revocations.items():
        assert order.seq > penalties[slug].seq
        assert executed(platforms[slug], order).status_code == 202
    session.rollback()
    ended = {
        o.platform.slug: o.execution
        for o in session.scalars(select(Order).where(Order.revokes_id.is_(None)))
    }
    assert ended == {"jd": "REVERSED", "weidian": "CANCELLED"}
