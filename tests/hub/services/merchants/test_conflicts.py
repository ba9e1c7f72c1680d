"""Two statements about one merchant: a person says which holds, and the other platform is told."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from hub.problems import Problem
from hub.services.merchants import conflicts
from models import (
    Delivery,
    MerchantConflict,
    Shop,
)

CODE, CODE_2 = "91110105MA5T7FBCX8", "91110102MA4712GN19"


def test_two_names_under_one_code_are_a_conflict_and_the_loser_is_told(told, session, officer):
    told("jd", "a", uscc=CODE, merchant_name="青禾市康宁护具有限公司")
    told("pdd", "p", uscc=CODE, merchant_name="康宁护具")  # the same, shorter
    merchant = told("weidian", "b", uscc=CODE, merchant_name="安捷器械商行")
    (found,) = session.scalars(select(MerchantConflict))
    assert (found.shown_a, found.shown_b) == ("青禾市康宁护具有限公司", "安捷器械商行")
    with pytest.raises(Problem):
        conflicts.resolve(session, officer, merchant, found.id, "a", " ")
    conflicts.resolve(session, officer, merchant, found.id, "a", "以登记信息为准")
    (body,) = session.scalars(select(Delivery.body).where(Delivery.type == "subject.corrected"))
    sent = json.loads(body)
    assert sent["aud"] == "weidian" and sent["data"]["shops"] == ["b"]
    assert sent["data"]["corrected"] == "青禾市康宁护具有限公司"
    told("weidian", "b", uscc=CODE, merchant_name="安捷器械商行")
    assert session.scalar(select(func.count()).select_from(MerchantConflict)) == 1


def test_a_shop_that_shows_another_code_stays_until_a_person_decides(told, session, officer):
    first = told("jd", "a", uscc=CODE, shop_name="康宁")
    second = told("jd", "a", uscc=CODE_2)
    assert first != second
    shop = session.scalars(select(Shop)).one()
    assert shop.merchant_id == first
    (found,) = session.scalars(select(MerchantConflict))
    conflicts.resolve(session, officer, first, found.id, "b", "店铺已转让")
    session.expire_all()
    assert shop.merchant_id == second
