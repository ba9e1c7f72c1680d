"""Words are cut in order, by the dictionary alone."""

from classifiers.segment import content_words, words


def test_segmentation_keeps_order_and_drops_punctuation():
    text = "口罩涨价了,一只50元!"
    assert "".join(words(text)) == text
    assert "," not in content_words(text) and "口罩" in content_words(text)
