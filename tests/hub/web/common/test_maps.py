"""The map of the provinces: every one has its square, and none hides another."""

from __future__ import annotations

import re

from classifiers.regions import by_code
from hub.web.common import maps

PROVINCES = {name for code, name in by_code().items() if code.endswith("0000")}


def test_every_province_has_a_square_of_its_own():
    drawn = str(maps.provinces("各省举报", dict.fromkeys(PROVINCES, 3)))
    assert set(re.findall(r"<title>([^：<]+)：3</title>", drawn)) == PROVINCES
    places = re.findall(r'<rect x="(\d+)" y="(\d+)"', drawn)
    assert len(places) == len(set(places)) == len(PROVINCES)


def test_the_largest_is_darkest_and_a_hidden_count_the_lightest():
    drawn = str(maps.provinces("各省举报", {"湖北省": 200, "广东省": 41, "海南省": "<5"}))
    shades = dict(re.findall(r"<title>(\w+)：[^<]*</title><rect[^>]*heat-(\d)", drawn))
    assert (shades["湖北省"], shades["广东省"], shades["海南省"], shades["北京市"]) == tuple("5210")
    assert "&lt;5" in drawn and "湖北省200，广东省41" in drawn


def test_counts_fit_their_squares():
    drawn = str(maps.provinces("各省举报", {"湖北省": 123_456, "广东省": 9_999, "海南省": 20_000}))
    assert re.findall(r'small">([^<]+)<', drawn) == ["12.3万", "9999", "2万"]


def test_what_lies_in_no_province_is_not_drawn():
    drawn = str(maps.provinces("各省举报", {"地区不明": 700, "湖北省": 7}))
    assert "地区不明" not in drawn and "heat-5" in drawn  # nor does it make the others pale


def test_a_map_of_nothing_says_so():
    drawn = str(maps.provinces("各省举报", {"地区不明": 7}))
    assert "还没有数据" in drawn and "<svg" not in drawn
