"""Platforms say where a merchant is; what they are asked says nothing of other merchants."""

from __future__ import annotations

import base64
import json

import pytest
from sqlalchemy import func, select

from hub import locks
from hub.locks import Lock
from hub.services.merchants import lookups, merging, weak_keys
from models import Delivery, Merchant, MerchantLookup, Shop, User

CODE = "91110105MA5T7FBCX8"
AT = "2020-02-20T09:30:00+08:00"


@pytest.fixture
def merchant(session, platforms) -> Merchant:
    made = Merchant(uscc=CODE, name="青禾市康宁护具有限公司")
    session.add(made)
    session.flush()
    lookups.ask(session, made.id)
    session.commit()
    return made


def asked(session, slug: str) -> dict:
    query = select(Delivery.body).where(Delivery.type == "subject.lookup")
    bodies = [json.loads(b) for b in session.scalars(query)]
    return next(b["data"] for b in bodies if b["aud"] == slug)


def found(lookup: dict, shop: str, *by: str) -> dict:
    return {"lookup_id": lookup["lookup_id"], "at": AT, "shops": [{"shop_id": shop, "by": [*by]}]}


def test_every_platform_is_asked_with_a_salt_of_its_own(session, merchant):
    jd, weidian = asked(session, "jd"), asked(session, "weidian")
    assert jd["salt"] != weidian["salt"] and jd["keys"] != weidian["keys"]
    salt = base64.b64decode(jd["salt"])
    assert jd["keys"][0] == {"kind": "uscc", "hash": lookups.salted(CODE, salt)}
    text = json.dumps(jd)
    assert CODE not in text and "康宁" not in text


def test_a_shop_found_by_code_becomes_the_merchants(session, platforms, merchant):
    answer = platforms["jd"].send("subject.found", found(asked(session, "jd"), "s1", "uscc"))
    assert answer.status_code == 202
    session.rollback()
    assert session.scalars(select(Shop)).one().merchant_id == merchant.id
    (lookup,) = [x for x in lookups.of_merchant(session, merchant.id) if x.state == "FOUND"]
    assert lookup.platform.slug == "jd" and lookup.answer["shops"][0]["shop_id"] == "s1"


def test_a_known_shop_found_by_code_brings_its_merchant(session, platforms, merchant):
    other = Merchant(name="康宁")
    session.add(other)
    session.flush()
    session.add(Shop(merchant_id=other.id, platform_id=1, shop_id="s1"))
    session.commit()
    platforms["jd"].send("subject.found", found(asked(session, "jd"), "s1", "uscc"))
    session.rollback()
    session.refresh(other)
    assert other.merged_into_id == merchant.id


def test_a_shop_found_by_name_alone_is_a_question(session, platforms, merchant):
    other = Merchant(name="康宁")
    session.add(other)
    session.flush()
    session.add(Shop(merchant_id=other.id, platform_id=1, shop_id="s1"))
    session.commit()
    platforms["jd"].send("subject.found", found(asked(session, "jd"), "s1", "name"))
    session.rollback()
    (pair,) = weak_keys.open_pairs(session, merchant.id)
    assert pair.evidence[0]["kind"] == "found_by_name"


def test_only_the_platform_that_was_asked_can_answer(session, platforms, merchant):
    lookup = asked(session, "weidian")
    answer = platforms["jd"].send("subject.absent", {"lookup_id": lookup["lookup_id"], "at": AT})
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_lookup")
    mine = {"lookup_id": asked(session, "jd")["lookup_id"], "at": AT}
    assert platforms["jd"].send("subject.absent", mine).status_code == 202
    states = dict(session.execute(select(MerchantLookup.platform_id, MerchantLookup.state)).all())
    assert states == {1: "ABSENT", 2: "ASKED"}


def test_a_person_who_parted_two_is_not_overruled_by_a_platform(session, platforms, merchant):
    officer = User(username="lin", name="lin", role="handler", password_hash="-")
    other = Merchant(name="康宁")
    session.add_all([officer, other])
    session.flush()
    session.add(Shop(merchant_id=other.id, platform_id=1, shop_id="s1"))
    locks.hold(session, Lock.CLAIMS)
    merging.put_apart(session, officer, merchant, other, "不同店主")
    session.commit()
    platforms["jd"].send("subject.found", found(asked(session, "jd"), "s1", "uscc"))
    session.rollback()
    session.refresh(other)
    assert other.merged_into_id is None


def test_a_proposal_asks_once_a_day(session, proposed):
    n = select(func.count()).select_from(MerchantLookup)
    assert session.scalar(n) == 2
    assert lookups.ask_about(session, proposed) == 0


def test_numbers_in_clear_are_nowhere_readable(platforms, session):
    """Not in the report, not in the raw bytes; and yet the bytes that were signed can be shown."""
    from hub.services.platforms import keys
    from models import InboundMessage, Report

    numbers = {"phone": "13800138000", "id_number": "11010519491231002X"}
    merchant = {"shop_id": "a", "payout_account": "acct622500010002", **numbers}
    answer = platforms["jd"].report("J1", "口罩涨价", kind="violation", subject=merchant)
    assert any("phone_hash" in warning for warning in answer.json["warnings"])
    report, message = (
        session.scalars(select(Report)).one(),
        session.scalars(select(InboundMessage)).one(),
    )
    kept = json.dumps(report.payload) + bytes(message.raw).decode() + json.dumps(message.answer)
    for number in (*numbers.values(), "acct622500010002"):
        assert number not in kept
    assert b"13800138000" in keys.unseal_bytes(message.raw)
    assert set(report.payload["subject"]["hashed"]) == {"phone", "id_number", "payout_account"}


def test_a_number_that_cannot_be_one_is_dropped_and_said(platforms, session):
    merchant = {"shop_id": "a", "phone": "138****8000", "id_number": "110105194912310021"}
    answer = platforms["jd"].report("J1", "口罩涨价", kind="violation", subject=merchant)
    assert sum("cannot be one" in warning for warning in answer.json["warnings"]) == 2
