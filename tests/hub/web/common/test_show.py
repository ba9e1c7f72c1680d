"""Strangers' text is shown and does nothing; times are Beijing's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub import beijing
from hub.problems import Problem
from hub.web.common import show

AT = datetime(2020, 2, 20, 16, 30, 5, tzinfo=UTC)


def test_times_are_shown_in_beijing():
    assert show.moment(AT) == "2020-02-21 00:30" and show.clock(AT) == "2020-02-21 00:30:05"
    assert show.short_moment(AT) == "2020-02-21 00:30"
    now = datetime.now(beijing.ZONE).replace(hour=12)
    assert show.short_moment(now) == now.strftime("%m-%d %H:%M")
    assert show.moment(None) == show.clock(None) == show.short_moment(None) == "—"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("看 https://a.example", "看 hxxps://a.example"),
        ("HTTP://a", "HxxP://a"),
        ("ftp://a", "fxp://a"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("data:text/html,x", "data[:]text/html,x"),
        ("data: 3", "data: 3"),
    ],
)
def test_addresses_are_dead(said, shown):
    assert show.defanged(said) == shown


def test_text_is_escaped_masked_and_its_unseen_characters_are_seen():
    shown = str(show.foreign("<b>电话13800138000\u202e"))
    assert shown.startswith("<bdi>&lt;b&gt;电话") and "13800138000" not in shown
    assert '<span class="unseen">U+202E</span>' in shown
    assert "13800138000" in show.verbatim("13800138000")
    assert show.plain("<b>\u202e13800138000") == "<b>" + show.plain("13800138000")


def test_a_measure_is_named_in_chinese_and_a_strange_code_made_harmless():
    assert str(show.measure_label("close_shop")) == show.CATALOGUE["close_shop"].label
    assert show.measure_label("<i>") == "<bdi>&lt;i&gt;</bdi>"


def test_every_refusal_is_said_in_chinese():
    assert show.explained(Problem(409, "conflict", "已由他人更改。")) == "已由他人更改。"
    assert "无权" in show.explained(Problem(403, "forbidden", "Forbidden"))
    assert show.explained(Problem(418, "teapot", "I am a teapot")) == "请求未能完成，请返回后重试。"
