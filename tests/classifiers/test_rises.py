"""A rise is gouging by its two prices, however they are told; what is no rise is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import rises
from classifiers.fold import fold


def cues(text: str) -> list[str]:
    return [cue.text for found in rises.judge(fold(text)) for cue in found.cues]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("昨天还是二十块一盒，今天直接变二百", "二十块", "二百"),
        ("大白菜一斤卖到二十三块，封控前才一块二", "一块二", "二十三块"),
        ("平时三块的方便面卖到十五一包", "三块", "十五"),
        ("店家说没货，98一只的口罩平时才5块", "5块", "98"),
        ("酒精从9.9涨到59", "9.9", "59"),
        ("無紡布一天之內從一千八漲到四千二", "一千八", "四千二"),
        ("儿童口罩十只卖一百五，去年同款十九块九", "十九块九", "一百五"),
        ("方便面一箱一百八，以前四十五", "四十五", "一百八"),
        ("1月20日卖15元一盒的口罩，今天标价198元一盒", "15元", "198"),
        ("额温枪年前六十八元，现在要五百八", "六十八元", "五百八"),
    ],
)
def test_both_prices_stand_in_the_cue(text, old, new):
    (cue,) = cues(text)
    assert old in cue and new in cue


@pytest.mark.parametrize(
    "text",
    [
        "鸡蛋从5元涨到6元",  # too little to be more than the market
        "原价99元，现在只要29元",  # cheaper
        "原价228元的双人套餐，另有456元的四人套餐",  # two things
        "平时一斤3元，整箱一箱60元",  # by the pound and by the box
        "6月30日退款3000元，还余11900元",  # a date alone is no past
        "原来3室2厅的设计改成5室",
        "昨天一个两岁小孩被一个四十多岁的人带走",
        "房价从一万元涨到三万元一平米",
        "物业费由原来1.8元上涨至4.5元",
        "以前每月工资3000元，现在8000元",
        "他上周买了三斤，今天又买了十斤",
    ],
)
def test_what_is_no_rise_of_goods_is_none(text):
    assert cues(text) == []


def test_the_steepest_of_several_leads_and_all_are_shown():
    text = "口罩昨天20元一盒，今天变200元；邮费还从5元涨到60元"
    (found,) = rises.judge(fold(text))
    assert found.score == 0.9 and len(found.cues) == 2
    assert "60元" in found.cues[0].text


@given(st.text(alphabet="平时从由卖到涨现在昨天十百千块元一二三0123456789.,，。只盒", max_size=60))
def test_any_text_has_an_answer_and_cues_that_point_into_it(text):
    for found in rises.judge(fold(text)):
        assert all(text[cue.start : cue.end] for cue in found.cues)
