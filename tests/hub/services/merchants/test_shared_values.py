"""What too many merchants show joins nobody, until a person says otherwise."""

from __future__ import annotations

from sqlalchemy import select

from hub.services.merchants import shared_values
from models import (
    SharedValue,
)


def test_a_value_many_merchants_show_stops_joining_and_is_listed(told, session, officer):
    market = {"phone": "13800138000"}
    for shop, name in zip("abcd", ("张伟", "王芳", "李强", "刘洋"), strict=True):
        told("jd", shop, merchant_name=name, **market)
    nameless = told("weidian", "x", **market)
    (value,) = shared_values.listed(session)
    assert (value.kind, value.stopped) == ("phone", True)
    assert told("pdd", "y", **market) != nameless
    shared_values.set_stopped(session, officer, "phone", value.value, False, "确为一户")
    told("pdd", "z", **market)
    session.expire_all()
    assert session.scalars(select(SharedValue.stopped)).all() == [False]
