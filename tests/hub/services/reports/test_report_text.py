"""A report is read with its title and with what its pictures say, nothing twice."""

import pytest

from hub.services.reports.report_text import whole_text


@pytest.mark.parametrize(
    ("body", "content", "whole"),
    [
        ("口罩断货", {}, "口罩断货"),
        ("口罩断货", {"title": "紧急"}, "紧急\n口罩断货"),
        ("紧急：口罩断货", {"title": "紧急"}, "紧急：口罩断货"),
        ("口罩断货", {"title": None, "evidence_text": None}, "口罩断货"),
    ],
)
def test_a_title_that_says_more_stands_in_front(body, content, whole):
    assert whole_text(body, {"content": content}) == whole


def test_what_a_picture_says_stands_behind():
    said = "石塘镇变电站着火，明天零点起停电五天"
    whole = whole_text("大家看看", {"content": {"evidence_text": said}})
    assert whole.startswith("大家看看") and "停电五天" in whole
    assert whole_text("大家看看", {}) == "大家看看"
