"""A text is read as it was meant, and every character keeps its place."""

import pytest

from classifiers.fold import fold


@pytest.mark.parametrize(
    "ordinary",
    ["成长价值", "特长价格", "女子一百米", "公斤货物", "3.5元", "2.4.1版", "A B C", "价 格"],
)
def test_ordinary_words_are_not_respelt(ordinary):
    assert fold(ordinary).view.replace(" ", "") == ordinary.lower().replace(" ", "")
