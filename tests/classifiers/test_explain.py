"""A cue points into the original text."""

from classifiers.explain import aligned, find_terms


def test_the_aligned_view_keeps_every_position():
    text = "㈱囉哩囉嗦２０２４ﬁ\ud800漢字"
    assert len(aligned(text)) == len(text)
    (found,) = find_terms(text, aligned(text), ["2024"])
    assert text[found.start : found.end] == "２０２４"
