"""A whole number is told from words; less than a person's number hides nothing."""

import pytest

from hub.desk.queue.masked_search import whole


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("00861 3800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("11010519491231002X", "11010519491231002x"),
        ("6222 0212 3456 7890 123", "6222021234567890123"),
        ("12345678", None),
        ("口罩13800138000", None),
        ("1380013800a", None),
        ("", None),
    ],
)
def test_a_number_is_known_however_it_was_typed(typed, number):
    assert whole(typed) == number
