"""What was typed into the search, as texts are compared with it."""

import pytest

from hub.desk.queue.search import parse


@pytest.mark.parametrize(
    ("typed", "words", "number"),
    [
        ("口罩 断货 口罩", ("口罩", "断货"), None),
        ("N95", ("n95",), None),
        ("罩", (), None),
        ("C12", ("c12",), 12),
        ("7", (), 7),
        ("１２", ("１２",), None),
        ("9" * 18, ("9" * 18,), None),
        ("", (), None),
    ],
)
def test_words_of_two_characters_and_numbers_of_cases(typed, words, number):
    found = parse(typed)
    assert (found.words, found.number) == (words, number)
    assert found.empty is (not words and number is None)


def test_a_persons_number_is_searched_as_a_whole_and_is_no_case():
    found = parse(" 138 0013 8000")
    assert found.whole == "13800138000" == found.words[0] and found.number is None
    assert found.report == "138 0013 8000"
