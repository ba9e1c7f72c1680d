"""Numbers of persons are masked; a merchant's codes and prices are not."""

from __future__ import annotations

import pytest

from hub.services.privacy import masking


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打13800012345找他", "打138******45找他"),
        ("138-0001-2345", "138-****-**45"),
        ("１３８０００１２３４５", "１３８******４５"),
        ("138\u200b00012345", "138\u200b******45"),
        ("+8613800012345", "+861********45"),
        ("身份证11010519900307123X。", "身份证110*************3X。"),
        ("卡号6222020200112233445", "卡号622**************45"),
        ("标题写到一半 138000123", "标题写到一半 138****23"),
        ("010-62345678", "010-******78"),
    ],
)
def test_masked(text, masked):
    assert masking.mask(text) == masked
    assert len(masking.mask(text)) == len(text)
    assert masking.mask(masking.mask(text)) == masking.mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "91110102MA4712GN19",
        "口罩从2元涨到15元",
        "2020-02-20 09:30:00",
        "编号 20200220123456",
        "400-810-1234",
    ],
)
def test_left_alone(text):
    assert masking.mask(text) == text


def test_a_json_value_and_a_reporter():
    value = {"a": ["打13800012345", 5, None], "b": {"c": "平安"}}
    assert masking.mask_all(value) == {"a": ["打138******45", 5, None], "b": {"c": "平安"}}
    assert masking.reporter({"kind": "named", "ref": "u-77"}) == {"kind": "named", "ref": "***"}
