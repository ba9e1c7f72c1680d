"""The merchant's page: who says what, joined, refused and split by a person with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub import locks
from hub.desk.merchants import merchant_list
from hub.locks import Lock
from hub.services.merchants import resolution
from hub.services.privacy import identities
from models import Delivery, Merchant, MerchantConflict, MerchantPair, Shop

CODE = "91110105MA5T7FBCX8"


@pytest.fixture
def told(session, p):
    def tell(slug: str, shop: str, **ref) -> int:
        ref["shop_id"] = shop
        identities.hash_numbers(ref, "s")
        locks.hold(session, Lock.CLAIMS)
        found = resolution.resolve(session, p[slug].id, ref)
        session.commit()
        return found

    return tell


def test_the_page_shows_each_identity_with_its_source(told, desk):
    one = told("jd", "jd-1", uscc=CODE, merchant_name="康宁护具有限公司", phone="13800138000")
    told("weidian", "wd-2", phone="13800138000", merchant_name="康宁护具有限公司")
    reader = desk("auditor")
    assert reader.get(f"/merchants/{one}").status_code == 200
    for shown in ("jd-1", "wd-2", "京东", "微店", CODE, "电话（密文）"):
        assert shown in reader.text
    assert "13800138000" not in reader.page
    assert "form-join" not in reader.forms


@pytest.mark.parametrize("many", [False, True], ids=["by index", "one after another"])
@pytest.mark.parametrize(
    "q", ["康宁", "康 护具", CODE, CODE[9:].lower(), "jd-1", "護具", "小铺 jd", "老字号", "宁"]
)
def test_a_merchant_is_found_by_name_code_and_shop(told, desk, monkeypatch, q, many):
    if many:
        monkeypatch.setattr(merchant_list, "_FEW", 0)
    one = told("jd", "jd-1", uscc=CODE, merchant_name="康宁护具有限公司", shop_name="小铺")
    told("weidian", "wd-1", uscc=CODE, merchant_name="老字号康宁")
    told("jd", "jd-2", merchant_name="安捷器械商行", shop_name="大铺")
    clerk = desk("clerk")
    clerk.get("/merchants", query_string={"q": q})
    assert f"M{one}" in clerk.text and "安捷" not in clerk.text


@pytest.mark.parametrize("q", ["宁康", "康宁 商行", "🙂", "%", "jd-3"])
def test_what_no_merchant_is_called_finds_none(told, desk, q):
    told("jd", "jd-1", uscc=CODE, merchant_name="康宁护具有限公司")
    told("jd", "jd-2", merchant_name="安捷器械商行")
    clerk = desk("clerk")
    clerk.get("/merchants", query_string={"q": q})
    assert "护具" not in clerk.text and "安捷" not in clerk.text


def test_a_suggestion_is_joined_with_a_reason(told, desk, session):
    one = told("jd", "a", shop_name="康宁护具", address="青禾市和平路1号")
    two = told("weidian", "b", shop_name="康宁护具", address="青禾市和平路1号")
    handler = desk("handler")
    handler.get(f"/merchants/{two}")
    assert "名称与地址相同" in handler.text
    assert handler.submit(f"form-same-{one}", reason=" ").status_code == 422
    assert handler.submit(f"form-same-{one}", reason="同一店主").status_code == 303
    session.expire_all()
    assert session.get_one(Merchant, two).merged_into_id == one
    handler.get(f"/merchants/{two}")
    assert f"已并入 M{one}" in handler.text


def test_a_refused_suggestion_is_gone(told, desk, session):
    one = told("jd", "a", shop_name="康宁护具", address="青禾市和平路1号")
    two = told("weidian", "b", shop_name="康宁护具", address="青禾市和平路1号")
    clerk = desk("clerk")
    clerk.get(f"/merchants/{two}")
    token = {"csrf_token": _token(clerk), "other": one, "reason": "不同店主"}
    assert clerk.client.post(f"/merchants/{two}/refuse", data=token).status_code == 303
    clerk.get(f"/merchants/{two}")
    assert f"form-same-{one}" not in clerk.forms
    assert session.scalars(select(MerchantPair.state)).all() == ["apart"]


def test_picked_shops_become_another_merchant(told, desk, session):
    one = told("jd", "a", phone="13800138000")
    told("weidian", "b", phone="13800138000")
    shop = session.scalars(select(Shop).where(Shop.shop_id == "b")).one()
    handler = desk("handler")
    handler.get(f"/merchants/{one}")
    assert handler.submit("form-split", reason="两家店主").status_code == 422
    handler.get(f"/merchants/{one}")
    assert handler.submit("form-split", reason="两家店主", shops=[shop.id]).status_code == 303
    session.refresh(shop)
    assert shop.merchant_id != one


def test_a_conflict_is_settled_on_the_page_and_the_other_platform_told(told, desk, session):
    one = told("jd", "a", uscc=CODE, merchant_name="康宁护具有限公司")
    told("weidian", "b", uscc=CODE, merchant_name="安捷器械商行")
    (found,) = session.scalars(select(MerchantConflict))
    handler = desk("handler")
    handler.get(f"/merchants/{one}")
    answer = handler.submit(f"form-resolve-{found.id}", kept="a", reason="以登记信息为准")
    assert answer.status_code == 303
    assert session.scalars(select(Delivery.type)).all() == ["subject.corrected"]
    handler.get(f"/merchants/{one}")
    assert "以 康宁护具有限公司 为准" in handler.text


def test_an_officer_asks_the_platforms(told, desk, session):
    one = told("jd", "a", uscc=CODE, merchant_name="康宁护具有限公司")
    handler = desk("handler")
    handler.get(f"/merchants/{one}")
    assert handler.submit("form-lookup").status_code == 303
    assert len(session.scalars(select(Delivery.type)).all()) == 5
    handler.get(f"/merchants/{one}")
    assert handler.text.count("尚未答复") == 5


def test_a_case_shows_its_merchant(merchant, desk):
    clerk = desk("clerk")
    clerk.get(f"/cases/{merchant.id}")
    assert f"/merchants/{merchant.merchant_id}" in clerk.page


def _token(browser) -> str:
    import re

    return re.search(r'name="csrf_token" value="([^"]+)"', browser.page)[1]
