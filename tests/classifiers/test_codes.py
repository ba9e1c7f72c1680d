"""Numbers that carry their own check are checked, and one slip of the eye is mended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.codes import USCC_ALPHABET, check_uscc, registration_valid, repair_uscc
from classifiers.entities import extract


def _composed(body: str, head: str = "91110108") -> str:
    """A valid code around eight organisation characters, by the formulas of the standards."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    digit = 11 - sum(int(c, 36) * w for c, w in zip(body, weights, strict=True)) % 11
    first = head + body + {10: "X", 11: "0"}.get(digit, str(digit))
    total = sum(USCC_ALPHABET.index(c) * 3**i for i, c in enumerate(first))
    return first + USCC_ALPHABET[(31 - total % 31) % 31]


@given(st.text(alphabet=USCC_ALPHABET, min_size=8, max_size=8))
def test_a_code_with_both_check_characters_passes_and_any_single_slip_fails(body):
    code = _composed(body)
    assert check_uscc(code).ok
    for place in (0, 7, 12, 17):
        other = "1" if code[place] != "1" else "2"
        assert not check_uscc(code[:place] + other + code[place + 1 :]).ok


@pytest.mark.parametrize("head", ["N2370784", "Y1110101"])  # rural collectives, others
def test_a_code_may_begin_with_a_letter(head):
    assert check_uscc(_composed("MF30ABCD", head)).ok


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


@given(st.text(alphabet=USCC_ALPHABET, min_size=8, max_size=8), st.integers(2, 17))
def test_letters_no_code_may_hold_are_read_as_what_they_look_like(body, place):
    code = _composed(body)
    misread = {"0": "O", "1": "I", "5": "S", "2": "Z"}.get(code[place], code[place])
    typed = code[:place] + misread + code[place + 1 :]
    if typed != code:
        assert repair_uscc(typed) == code and check_uscc(typed).suggestion == code
    assert repair_uscc(code[:-1]) is None


def test_a_labelled_code_of_a_wrong_length_is_reported_with_its_reason():
    (code,) = extract("统一社会信用代码：9111010MA01ABCD44，住所不详").uscc
    assert not code.valid and "17位" in code.reason and code.suggestion is None
    assert extract("身份证号码：13302XXXXXXXXX6018").uscc == ()


def test_a_registration_number_carries_its_check_digit():
    # The check digit of fourteen digits is the one of ten that passes (ISO 7064).
    passing = [d for d in "0123456789" if registration_valid("11010800000001" + d)]
    assert len(passing) == 1
    (good,) = extract(f"营业执照注册号：11010800000001{passing[0]}").licences
    assert (good.kind, good.valid) == ("营业执照注册号", True)
    (bad,) = extract(f"营业执照注册号：11010900000001{passing[0]}").licences
    assert bad.valid is False
    assert not registration_valid("12345")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("许可证编号：JY12345678901234", "食品经营许可证", "JY12345678901234"),
        ("生产许可证SC 10099999900001", "食品生产许可证", "SC10099999900001"),
        ("国药准字Z99990001", "药品批准文号", "国药准字Z99990001"),
        ("国械注准20993140001", "医疗器械注册或备案", "国械注准20993140001"),
        ("京海械备20990001号", "医疗器械注册或备案", "京海械备20990001号"),
    ],
)
def test_licences_are_named_by_kind(text, kind, number):
    (found,) = extract(text).licences
    assert (found.kind, found.value) == (kind, number)
