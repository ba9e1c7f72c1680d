"""Each type has words that show it, and words beside them that excuse it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import rules
from classifiers.fold import fold
from classifiers.violation import PRICE_CASE_TYPES, TYPES


def types(text: str) -> set[str]:
    return {f.type for f in rules.judge(fold(text))}


SHOWN = [
    ("price_gouging", "这家药店坐地起价，一盒退烧药卖到一百多"),
    ("price_gouging", "口罩马上断货了，赶紧囤"),
    ("price_gouging", "白菜原来3元一斤，现在卖9元"),
    ("price_fraud", "双十一先涨价再打折，虚构原价"),
    ("price_fraud", "页面标价99元，结账的时候却要128元"),
    ("collusion", "几家加油站串通好了一起涨价"),
    ("disguised_price_rise", "买口罩必须买两瓶洗手液才能发货"),
    ("no_clear_price", "店里的水果都没有明码标价"),
    ("extra_charge", "结账时多收了两元的餐具费"),
    ("government_price", "小区充电桩电费高于国家规定的居民电价"),
    ("dumping", "平台亏本卖菜排挤小商家"),
    ("price_discrimination", "同样的房间不同手机价格不一样，大数据杀熟"),
    ("false_advertising", "主播宣称这款茶能降血糖，根治糖尿病"),
    ("fake_sales", "商家雇人刷好评，店里销量都是假的"),
    ("counterfeit", "买到的全是假口罩，包装都是仿冒的"),
    ("unlicensed", "楼下小店无证经营，拿不出营业执照"),
    ("unlicensed", "有人在朋友圈卖疫苗"),
    ("fraud", "付款之后就把我拉黑了，也不发货"),
    ("prohibited_goods", "网店出售穿山甲鳞片"),
]


@pytest.mark.parametrize(("code", "text"), SHOWN)
def test_the_act_is_recognised(code, text):
    assert code in types(text)


def test_every_type_has_an_example_and_a_law():
    assert {code for code, _ in SHOWN} == set(TYPES)
    assert all(kind.law for kind in TYPES.values())
    assert set(PRICE_CASE_TYPES.values()) <= set(TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "市场监管局提醒各商家严禁哄抬价格",
        "本店从不刷单，请放心购买",
        "请大家谨防电信诈骗",
        "周末去野生动物园看大熊猫",
        "鸡蛋价格从5元涨到5.5元",
        "会不会涨价谁也说不准",
        "今天天气晴，公园里人很多",
        "美国股价暴涨三倍",
    ],
)
def test_denied_forbidden_or_harmless_words_are_no_finding(text):
    assert types(text) == set()


def test_traditional_and_full_width_words_are_read_alike():
    assert "price_gouging" in types("藥店哄擡價格，口罩從２元漲到１５元")


def test_a_steep_rise_scores_with_its_steepness_and_points_at_both_prices():
    text = "以前卖2元，现在卖9元"
    (mild,) = [f for f in rules.judge(fold("以前卖2元，现在卖3元"))]
    (steep,) = [f for f in rules.judge(fold(text))]
    assert steep.score > mild.score
    assert steep.source == "rule:gouge-ratio"
    assert "2元" in steep.cues[0].text and "9元" in steep.cues[0].text


def test_rule_names_are_unique():
    names = [rule.id for rule in rules.load_rules()[1]]
    assert len(names) == len(set(names))


@given(st.text(max_size=200))
def test_cues_always_point_into_the_text(text):
    for found in rules.judge(fold(text)):
        assert all(text[c.start : c.end] == c.text for c in found.cues)
