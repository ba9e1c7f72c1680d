"""Amounts, prices and quantities are read as people write them."""

import pytest

from classifiers.entities import (
    amount,
    chinese_number,
    extract,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200.50", 1200.5),
        ("3万", 30000),
        ("叁仟伍佰", 3500),
        ("两万", 20000),
        ("十五", 15),
        ("一百五", 150),
        ("一百零五", 105),
        ("两万三", 23000),
        ("五〇", 50),
    ],
)
def test_amounts_in_figures_and_in_characters(text, value):
    assert amount(text) == value


def test_what_is_no_number_has_no_amount():
    assert chinese_number("苹果") is None
    assert amount("") is None


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        ("口罩50一只", [(50, "只")]),
        ("每盒198元", [(198, "盒")]),
        ("要一百九十八块", [(198, None)]),
        ("从3块涨到15", [(3, None), (15, None)]),
        ("由2涨至15元", [(2, None), (15, None)]),
        ("九块九包邮", [(9.9, None)]),
        ("3块5一斤", [(3.5, "斤")]),
        ("原价198，现价98", [(198, None), (98, None)]),
        ("一盒卖到120", [(120, "盒")]),
        ("￥50/包", [(50, "包")]),
        ("5 0 元一盒", [(50, "盒")]),
        ("⑤⓪元", [(50, None)]),
        ("5O元", [(50, None)]),
        ("五〇元", [(50, None)]),
        ("一盒20片，一箱24瓶", []),
        ("气温涨到15度，游客涨到3倍", []),
        ("三块面包和价格法第13条", []),
        ("2020年3月15日", []),
    ],
)
def test_prices_with_the_unit_they_are_asked_for(text, prices):
    assert [(p.value, p.per) for p in extract(text).prices] == prices


def test_counted_goods_are_no_prices():
    found = extract("他囤了300盒，50一只地卖")
    assert [q.value for q in found.quantities] == ["300盒"]
