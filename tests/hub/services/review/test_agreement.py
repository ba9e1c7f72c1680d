"""Cohen's kappa as scikit-learn reckons it, and an interval that covers."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from hub.services.review import agreement


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs):
    found = agreement.of(pairs)
    assert found.n == len(pairs)
    if not pairs or len({code for pair in pairs for code in pair}) == 1:
        assert found.kappa is None
        return
    first, second = zip(*pairs, strict=True)
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.alike == sum(a == b for a, b in pairs) / len(pairs)
    assert (found.low is None) == (len(pairs) < agreement.FEW)


def test_the_interval_is_as_wide_as_resampling_says():
    """Two raters on 100 merchants: 75 + 4 + 10 alike of three classes, eleven apart."""
    table = {("p", "p"): 75, ("n", "n"): 4, ("o", "o"): 10, ("p", "n"): 1, ("p", "o"): 4,
             ("n", "p"): 5, ("n", "o"): 1}  # fmt: skip
    pairs = list(Counter(table).elements())
    found = agreement.of(pairs)
    drawn = random.Random(2020)
    again = sorted(
        agreement.of(drawn.choices(pairs, k=len(pairs))).kappa or 0.0 for _ in range(2000)
    )
    assert found.kappa == pytest.approx(0.676, abs=0.001)
    assert found.low == pytest.approx(again[50], abs=0.05)
    assert found.high == pytest.approx(again[1950], abs=0.05)


def test_complete_agreement_and_none():
    assert agreement.of([("a", "a"), ("b", "b")] * 10).kappa == 1.0
    assert agreement.of([("a", "b"), ("b", "a")] * 10).kappa == -1.0
    assert agreement.of([]) == agreement.Agreement(0, None, None)
