"""Facts are found where they stand, and nothing is invented."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.entities import (
    extract,
)


def test_every_span_points_into_the_original():
    code = "91110108MA01ABCD5T"  # both check characters computed by hand
    text = (
        f"举报:杭州某区的“晨光百货”网店(统一社会信用代码{code.lower()}),"
        "2024年3月5日口罩从２元涨到15元,电话13800001111,卖了300盒。"
    )
    found = extract(text)
    assert [c.value for c in found.uscc] == [code] and found.uscc[0].valid
    assert found.uscc[0].region == "110108"
    assert [s.text for s in found.shops] == ["晨光百货"]
    assert [p.value for p in found.prices] == [2.0, 15.0]
    assert [d.value for d in found.dates] == ["2024-03-05"]
    assert [(p.value, p.name) for p in found.places] == [("330100", "杭州市")]
    assert [p.value for p in found.phones] == ["13800001111"]
    assert "300盒" in [q.value for q in found.quantities]
    for spans in vars(found).values():
        for span in spans if isinstance(spans, tuple) else ():
            assert text[span.start : span.end] == span.text


def test_an_ordinary_sentence_holds_no_identifier():
    found = extract("今天天气很好，我们去公园散步。")
    assert found.uscc == found.phones == found.fines == found.articles == ()
    assert found.party is None


@given(st.text(max_size=300))
def test_any_text_at_all_is_read_and_every_span_lies_in_it(text):
    found = extract(text)
    spans = [found.party] if found.party else []
    for name in (field.name for field in fields(found) if field.name != "party"):
        spans += getattr(found, name)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024.3.5", "2024-03-05"), ("二〇二四年三月五日", "2024-03-05"), ("3月6号", "--03-06")],
)
def test_dates_in_every_common_form(text, date):
    assert [d.value for d in extract(text).dates] == [date]
