"""A penalty decision states its party, the fines set and the articles cited."""

import pytest

from classifiers.entities import (
    extract,
)


def test_a_decision_gives_party_articles_and_the_fine_but_not_the_range_of_the_law():
    text = (
        "当事人：河东区小满杂货铺（个体工商户）\n住所：某路1号\n"
        "依据《中华人民共和国价格法》第四十二条“可以并处五千元以下的罚款”、"
        "《明码标价和禁止价格欺诈规定》第五\n条第一款，决定处罚如下：罚款人民币捌佰元整（800元）。"
    )
    found = extract(text)
    assert found.party.value == "河东区小满杂货铺（个体工商户）"
    assert [a.value for a in found.articles] == [
        "价格法第四十二条",
        "明码标价和禁止价格欺诈规定第五条第一款",
    ]
    assert [f.value for f in found.fines] == [800.0]


def test_a_name_goes_on_in_the_next_line_but_not_into_the_next_label():
    found = extract("当事人：某县云梦镇百姓放心鲜\n肉店\n主体资格证照名称：营业执照\n")
    assert found.party.value == "某县云梦镇百姓放心鲜肉店"
    assert extract("当事人：**********\n住所：****").party is None


def test_an_article_that_follows_on_belongs_to_the_law_before():
    found = extract(
        "违反了《明码标价和禁止价格欺诈规定》第十六条第一款、第十七条的规定。依据《价格法》/第四十条"
        "“经营者有本法第十四条所列行为的，处罚”、第四十一条，并参照供水合同。"
    )
    assert [a.value for a in found.articles] == [
        "明码标价和禁止价格欺诈规定第十六条第一款",
        "明码标价和禁止价格欺诈规定第十七条",
        "价格法第四十条",
        "价格法第四十一条",
    ]


@pytest.mark.parametrize(
    ("text", "fines"),
    [
        ("罚款人民币贰仟元整（2000元）", [2000]),
        ("处违法所得1.5倍罚款，罚款金额为7285.5元", [7285.5]),
        ("处以500元的罚款", [500]),
        ("罚款：一、到银行缴纳；罚款：二、或者转账", []),
        ("没收违法所得10元，罚款300元，罚没款合计310元", [300]),
        ("可以并处5000元以下的罚款", []),
        ("每日按罚款数额的百分之三加处罚款", []),
    ],
)
def test_only_fines_that_were_set_count(text, fines):
    assert [f.value for f in extract(text).fines] == fines
