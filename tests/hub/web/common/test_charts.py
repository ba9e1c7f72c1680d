"""A plot shows all of its numbers, whatever their size."""

from __future__ import annotations

import re

import pytest

from hub.web.common import axes, charts


def _left_ends(drawn: str) -> list[float]:
    """Where each label of the upright axis begins, were every glyph as wide as the widest."""
    labels = re.findall(r'<text x="([\d.-]+)" y="[\d.]+" class="axis end">([^<]+)</text>', drawn)
    return [float(end) - sum(12 if ord(c) > 0x2E7F else 7.2 for c in said) for end, said in labels]


@pytest.mark.parametrize("most", [7, 1_000, 43_210, 1_000_000])
@pytest.mark.parametrize("unit", ["", "件", "小时"])
def test_the_labels_of_the_axis_lie_within_the_plot(most, unit):
    drawn = charts.line("每日", ["一", "二", "三"], {"全部": [0, most / 2, most]}, unit=unit)
    ends = _left_ends(drawn)
    assert len(ends) > 1 and min(ends) >= 0


def test_the_labels_along_the_axis_lie_within_the_plot():
    days = [f"{day}日06:00" for day in range(10, 26)]
    drawn = charts.line("每日", days, {"京东": [1.0] * len(days)}, unit="件")
    found = re.findall(r'<text x="([0-9.]+)" y="[0-9.]+" class="axis mid">([^<]+)</text>', drawn)
    assert found[0][1] in days and len(found) > 3
    for x, label in found:
        half = axes.width(label) / 2
        assert half <= float(x) + 0.1 and float(x) + half <= axes.WIDTH + 0.1, label


def test_a_name_that_is_markup_stays_text():
    drawn = charts.line("<b>标题", ["<i>一"], {"<u>线": [3], "二": [4]})
    assert not re.search("<b>|<i>|<u>", drawn)


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_plot_without_numbers_says_so(values):
    assert "还没有数据" in charts.line("每日", ["一", "二"][: len(values)], {"全部": values})
