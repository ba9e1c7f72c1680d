"""Prices that reports state are read, kept once, and stand out by a sign test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.problems import Problem
from hub.services.warnings import early_warnings, prices
from models import PriceQuote
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian", "pdd")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("N95口罩一只卖58元，平时才9块9", [("N95口罩", "只", 58.0)]),
        ("3M口罩50一只，酒精一瓶30元", [("口罩", "只", 50.0), ("酒精", "瓶", 30.0)]),
        ("一次性口罩50只卖200元", [("口罩", "只", 4.0)]),
        ("鸡蛋一斤涨到12块", [("鸡蛋", "斤", 12.0)]),
        ("态度恶劣，要求退款200元", []),
        ("口罩太贵了", []),
    ],
)
def test_unit_prices_are_read_from_reports(text, told):
    assert [(q.product, q.unit, q.price) for q in prices.quotes(text)] == told


def _quotes(session, platform, values, at):
    for price in values:
        report = seed.report(session, platform, "口罩", "violation")
        session.add(
            PriceQuote(report_id=report.id, platform_id=platform.id, product="口罩", unit="只",
                       price=price, at=at)
        )  # fmt: skip
    session.flush()


def test_a_price_beyond_the_seven_day_lowest_is_warned_of(session, p):
    now = session.scalar(select(func.now()))
    for day in range(2, 8):
        _quotes(session, p["jd"], [2.0, 2.2, 2.4], now - timedelta(days=day))
    _quotes(session, p["jd"], [5.0] * 7, now - timedelta(hours=2))
    assert prices.risen(session, now) == []  # one platform
    _quotes(session, p["weidian"], [6.0] * 5, now - timedelta(hours=1))
    (found,) = prices.risen(session, now)
    assert (found.against, found.reference, found.quotes) == ("week", 2.2, 12)
    assert (
        early_warnings.raise_warnings(session) == 1 and early_warnings.raise_warnings(session) == 0
    )
    (line,), _ = early_warnings.page(session, True)
    assert "近7日最低" in line.why and line.product == "口罩"


def test_a_price_beyond_that_of_19_january_is_warned_of(session, p):
    officer = seed.officers(session)["handler"]
    now = session.scalar(select(func.now()))
    prices.set_baseline(session, officer, "口罩", "只", 1.0, "某市监测点公布")
    for platform in (p["jd"], p["pdd"]):
        _quotes(session, platform, [3.0] * 6, now - timedelta(hours=2))
    (found,) = prices.risen(session, now)
    assert (found.against, found.reference) == ("baseline", 1.0)
    with pytest.raises(Problem):
        prices.set_baseline(session, officer, "飞机", "架", 1.0, "")


def test_nine_quotes_prove_nothing(session, p):
    assert prices.sign_test(9, 9) > prices.CHANCE > prices.sign_test(10, 10)


def test_prices_of_a_merchants_reports_are_kept_once(session, p):
    said = "N95口罩一只卖58元"
    case = seed.merchant_case(session, [(said, [p["jd"], p["weidian"]])], None)
    now = session.scalar(select(func.now()))
    assert prices.gather(session, now) == 2 and prices.gather(session, now) == 0
    (told,) = prices.history(session, case.merchant_id)
    assert told.product == "N95口罩" and told.series["本商户"] == [58.0]
