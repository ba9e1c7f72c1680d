"""A published number tells of no few people, not by subtraction either."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.services.privacy import suppression


def test_small_numbers_are_hidden_and_nought_is_not():
    assert [suppression.shown(n) for n in (0, 1, 4, 5)] == [0, "<5", "<5", 5]


def test_a_hidden_cell_cannot_be_found_by_subtraction():
    assert suppression.table([[3, 50]]) == [["<5", "—"]]
    shown = suppression.table([[3, 50, 20], [8, 60, 30]])
    assert shown[0] == ["<5", 50, "—"] and shown[1][0] == "—"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda wide: st.lists(
            st.lists(st.integers(0, 30), min_size=wide, max_size=wide), min_size=1, max_size=5
        )
    )
)
def test_no_line_hides_one_cell_alone_or_a_small_sum(cells):
    shown = suppression.table(cells)
    lines = [list(zip(*pair, strict=True)) for pair in zip(cells, shown, strict=True)]
    columns = [list(column) for column in zip(*lines, strict=True)]
    for line in lines + columns:
        gone = [n for n, said in line if isinstance(said, str)]
        everything_left = [n for n, said in line if n and not isinstance(said, str)]
        if gone and everything_left:
            assert len(gone) > 1 and sum(gone) >= suppression.FEW
        assert all(said == n for n, said in line if not isinstance(said, str))
        assert not any(0 < n < suppression.FEW and said == n for n, said in line)
