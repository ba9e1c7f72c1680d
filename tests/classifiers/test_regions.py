"""A place has the one code that is meant, or none."""

import pytest

from classifiers.entities import (
    extract,
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("杭州市西湖区", ["330106"]),
        ("南京鼓楼区", ["320106"]),
        ("鼓楼区", []),
        ("北京朝阳区", ["110105"]),
        ("吉林", ["220000"]),
        ("吉林市", ["220200"]),
        ("广东省广州市天河区", ["440106"]),
        ("义乌市和昆山市", ["330782", "320583"]),
        ("孙中山先生的中山装", []),
        ("内蒙古自治区呼和浩特市", ["150100"]),
        ("延边朝鲜族自治州和凉山", ["222400", "513400"]),
        ("海南", ["460000"]),
        ("阿里巴巴的白银", []),
    ],
)
def test_places_have_the_one_code_that_is_meant_or_none(text, codes):
    assert [p.value for p in extract(text).places] == codes
