"""What a person joined or parted stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.services.merchants import merging, weak_keys
from models import (
    Merchant,
    MerchantPair,
    Shop,
)

CODE, CODE_2 = "91110105MA5T7FBCX8", "91110102MA4712GN19"


def live(session) -> list[Merchant]:
    query = select(Merchant).where(Merchant.merged_into_id.is_(None)).order_by(Merchant.id)
    return list(session.scalars(query))


def test_a_persons_split_is_never_undone_by_the_machine(told, session, officer):
    merchant = session.get_one(Merchant, told("jd", "a", phone="13800138000"))
    told("weidian", "b", phone="13800138000", uscc=CODE)
    (shop,) = session.scalars(select(Shop.id).where(Shop.shop_id == "b"))
    new = merging.split(session, officer, merchant, {shop}, set(), "两家店主不同")
    session.expire_all()
    assert (merchant.uscc, new.uscc) == (None, CODE)
    assert told("jd", "a", phone="13800138000") == merchant.id
    assert told("weidian", "b", phone="13800138000", uscc=CODE) == new.id
    assert told("jd", "a", uscc=CODE) == merchant.id
    assert not weak_keys.open_pairs(session, merchant.id)
    assert len(live(session)) == 2


def test_a_persons_refusal_follows_a_merchant_into_another(told, session, officer):
    ids = [
        told("jd", s, merchant_name=n) for s, n in zip("abc", ("甲店", "乙店", "丙店"), strict=True)
    ]
    one, two, three = (session.get_one(Merchant, i) for i in ids)
    merging.put_apart(session, officer, one, two, "不同店主")
    stays = merging.join(session, two, three, [], officer, "同一店主")
    assert merging.apart(session, one.id, stays.id)


def test_two_codes_are_never_one_merchant(told, session, officer):
    one, other = (session.get_one(Merchant, told("jd", c, uscc=c)) for c in (CODE, CODE_2))
    with pytest.raises(ValueError):
        merging.join(session, one, other, [], officer, "看着像")


def test_the_pair_table_keeps_its_order(session, p, officer):
    one, other = Merchant(name="甲"), Merchant(name="乙")
    session.add_all([one, other])
    session.flush()
    merging.set_pair(session, other.id, one.id, "apart", [], officer, "理由")
    pair = session.scalars(select(MerchantPair)).one()
    assert (pair.a_id, pair.b_id) == (one.id, other.id)
