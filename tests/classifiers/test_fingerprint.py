import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.fingerprint import BANDS, fingerprint, grams, jaccard

TEXT = "本市三家药店把一次性口罩从每只一元涨到每只八元,并且要求搭配消毒液一起购买"


def test_bands_fit_a_signed_bigint_and_repeat():
    one, two = fingerprint(TEXT), fingerprint(TEXT)
    assert one == two and len(one.bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in one.bands)


def test_a_lightly_edited_copy_shares_a_band():
    edited = TEXT.replace("三家", "多家") + "太过分了"
    assert set(fingerprint(TEXT).bands) & set(fingerprint(edited).bands)


def test_another_text_shares_none():
    other = fingerprint("昨夜暴雨导致地铁停运,数百名乘客滞留在站厅等待救援")
    assert not set(fingerprint(TEXT).bands) & set(other.bands)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 30))
def test_the_estimate_is_near_the_true_jaccard(cut):
    edited = TEXT[cut:] + TEXT[:cut]
    one, two = grams(TEXT), grams(edited)
    truth = len(one & two) / len(one | two)
    estimate = jaccard(fingerprint(TEXT).signature, fingerprint(edited).signature)
    assert abs(estimate - truth) < 0.2


def test_no_words_no_bands_and_no_likeness():
    empty = fingerprint("")
    assert empty.bands == () and jaccard(empty.signature, empty.signature) == 0.0
    assert len(fingerprint("口").bands) == BANDS


def test_signatures_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="length"):
        jaccard(b"1234", b"12345678")
