"""Facts are found where they stand, and nothing is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.entities import (
    USCC_ALPHABET,
    amount,
    check_uscc,
    chinese_number,
    extract,
)

# Composed for the test: both check characters computed by hand from the two standards.
GOOD = "91110108MA01ABCD44"


def _composed(body: str) -> str:
    """A valid code around eight organisation characters, by the formulas of the standards."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    digit = 11 - sum(int(c, 36) * w for c, w in zip(body, weights, strict=True)) % 11
    first = "91110108" + body + {10: "X", 11: "0"}.get(digit, str(digit))
    total = sum(USCC_ALPHABET.index(c) * 3**i for i, c in enumerate(first))
    return first + USCC_ALPHABET[(31 - total % 31) % 31]


@given(st.text(alphabet=USCC_ALPHABET, min_size=8, max_size=8))
def test_a_code_with_both_check_characters_passes_and_any_single_slip_fails(body):
    code = _composed(body)
    assert check_uscc(code).ok
    for place in (0, 7, 12, 17):
        other = "1" if code[place] != "1" else "2"
        assert not check_uscc(code[:place] + other + code[place + 1 :]).ok


@pytest.mark.parametrize(
    ("code", "word"),
    [("9111", "18位"), ("9111010IMA01ABCD44", "不允许"), ("91110108MA01ABCD4Y", "校验码")],
)
def test_a_wrong_code_gets_its_reason(code, word):
    check = check_uscc(code)
    assert not check.ok
    assert word in check.reason


def test_a_slip_in_the_organisation_code_alone_is_named_as_such():
    good = _composed("MA01ABCD")
    bad_digit = "1" if good[16] != "1" else "2"
    first = good[:16] + bad_digit
    total = sum(USCC_ALPHABET.index(c) * 3**i for i, c in enumerate(first))
    code = first + USCC_ALPHABET[(31 - total % 31) % 31]
    assert "GB 11714" in check_uscc(code).reason


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,200.50", 1200.5), ("3万", 30000), ("叁仟伍佰", 3500), ("两万", 20000), ("十五", 15)],
)
def test_amounts_in_figures_and_in_characters(text, value):
    assert amount(text) == value


def test_what_is_no_number_has_no_amount():
    assert chinese_number("苹果") is None
    assert amount("") is None


def test_every_span_points_into_the_original():
    code = _composed("MA01ABCD")
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
    assert [p.value for p in found.places] == ["330100"]
    assert [p.value for p in found.phones] == ["13800001111"]
    assert "300盒" in [q.value for q in found.quantities]
    for spans in vars(found).values():
        for span in spans if isinstance(spans, tuple) else ():
            assert text[span.start : span.end] == span.text


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


def test_an_ordinary_sentence_holds_no_identifier():
    found = extract("今天天气很好，我们去公园散步。")
    assert found.uscc == found.phones == found.fines == found.articles == ()
    assert found.party is None


@given(st.text(max_size=300))
def test_any_text_at_all_is_read_without_error(text):
    extract(text)
