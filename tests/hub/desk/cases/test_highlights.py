"""Marks on texts: nothing is lost, nothing invented, and cues stand where their words stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.desk.cases.highlights import compared, highlighted
from hub.web.common import forms, show
from tests.hub.web.seed import assessment

_TEXT = st.text(alphabet="口罩断货涨价，。！ab1 \n<&\u202e", max_size=60)


@settings(max_examples=200, deadline=None)
@given(_TEXT, _TEXT)
def test_a_comparison_holds_both_texts(centre, text):
    segments = compared(centre, text)
    if segments is None:
        return
    assert "".join(s.text for s in segments if s.mark != "del") == text
    assert "".join(s.text for s in segments if s.mark != "ins") == centre


def test_long_texts_are_compared_by_sentence():
    centre = "这家店的口罩又涨价了。" * 200
    segments = compared(centre, centre + "客服不理人。")
    assert [(s.text, s.mark) for s in segments if s.mark] == [("客服不理人。", "ins")]


@settings(max_examples=200, deadline=None)
@given(_TEXT, st.lists(st.tuples(st.integers(0, 70), st.text("口罩断货涨", max_size=3))))
def test_highlighting_changes_no_text(text, cues):
    found = [{"text": words, "start": start, "end": start + len(words)} for start, words in cues]
    marked = highlighted(text, {"violations": [{"label": "哄抬价格", "cues": found}]})
    assert "".join(s.text for s in marked) == text
    assert all(s.why == "哄抬价格" for s in marked if s.mark)


def test_overlapping_cues_name_both_reasons():
    told = assessment("口罩断货", {"哄抬价格": ["口罩断"], "虚假宣传": ["断货"]})
    marked = [(s.text, s.why) for s in highlighted("口罩断货了", told)]
    assert marked == [
        ("口罩", "哄抬价格"),
        ("断", "哄抬价格、虚假宣传"),
        ("货", "虚假宣传"),
        ("了", ""),
    ]


def test_a_cue_is_found_again_in_a_copy_that_moved_it():
    told = assessment("赶紧囤货", {"哄抬价格": ["囤货"]})
    marked = highlighted("【转】赶紧囤货", told)
    assert [s.text for s in marked if s.mark] == ["囤货"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("看https://a.cn/x", "看hxxps://a.cn/x"),
        ("HTTP://A ftp://b", "HxxP://A fxp://b"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("data:text/html,x 与 data: 3", "data[:]text/html,x 与 data: 3"),
        ("普通文字 http 协议", "普通文字 http 协议"),
    ],
)
def test_links_are_dead(text, shown):
    assert show.defanged(text) == shown


def test_unseen_characters_are_seen_and_text_escaped():
    assert str(show.foreign("a\u202e<b>")) == (
        '<bdi>a<span class="unseen">U+202E</span>&lt;b&gt;</bdi>'
    )
    assert (
        str(show.foreign("👨\u200d👩\ufe0f")) == "<bdi>👨\u200d👩\ufe0f</bdi>"
    )  # emoji stay whole


def test_typed_text_is_cleaned():
    assert forms.cleaned("一\r\n二\x00\u202e三\t") == "一\n二三\t"
