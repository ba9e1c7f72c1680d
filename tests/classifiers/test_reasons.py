"""A reason chosen from a platform's menu names a type of violation, or none."""

from __future__ import annotations

import pytest

from classifiers.reasons import type_of
from classifiers.violation import TYPES


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.code)
def test_every_type_is_named_by_its_own_label(kind):
    assert type_of(kind.label) == kind.code


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("涉嫌售假", "counterfeit"),
        ("價格違法 - 哄抬物價", "price_gouging"),
        ("商品 / 假 冒 伪 劣", "counterfeit"),
        ("无证经营（药品）", "unlicensed"),
        ("虚假折扣", "price_fraud"),
        ("先涨价后打折", "price_fraud"),
        ("售卖野生动物", "prohibited_goods"),
    ],
)
def test_menus_word_it_in_their_own_way(reason, code):
    assert type_of(reason) == code


@pytest.mark.parametrize(
    "reason",
    [None, "", "其他", "退款纠纷", "短斤缺两", "价格问题", "假货或虚假宣传", "🙂", "x" * 200],
)
def test_a_reason_that_names_no_type_or_two_names_none(reason):
    assert type_of(reason) is None
