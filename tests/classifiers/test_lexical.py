import numpy as np
import pytest

from classifiers import lexical

TEXTS = ["武汉的口罩涨价了", "成都的口罩涨价了", "今晚有暴雨", ""]


def test_names_of_places_weigh_more_than_common_words():
    lexicon = lexical.fit(["口罩涨价了"] * 50 + TEXTS)
    wuhan, chengdu = lexicon.cosines("武汉口罩", TEXTS[:2])
    assert wuhan > chengdu > 0


def test_cosines_are_those_of_the_full_vectors():
    lexicon = lexical.fit(TEXTS)

    def vector(text):
        counts = np.bincount(lexical.terms(text), minlength=1 << lexical.SLOT_BITS)
        weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * lexicon.idf
        return weights / max(np.linalg.norm(weights), 1e-9)

    expected = [vector("口罩口罩涨价") @ vector(text) for text in TEXTS]
    assert lexicon.cosines("口罩口罩涨价", TEXTS) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("empty", ["", "!!", "\ud800"])
def test_no_words_no_likeness(empty):
    assert lexical.shipped().cosines(empty, TEXTS).tolist() == [0, 0, 0, 0]
    assert lexical.shipped().cosines("口罩", []).shape == (0,)
    assert lexical.shipped().cosines("口罩", [empty]).tolist() == [0]


def test_what_two_texts_share_by_hand():
    lexicon = lexical.fit(["口罩涨价了", "今晚有暴雨"])
    same, half, none = (lexicon.shared(["口罩"], [text]) for text in ("口罩", "口罩涨价", "暴雨"))
    assert same.cosine == pytest.approx(1) and same.of_first == same.of_second == pytest.approx(1)
    assert half.of_first == pytest.approx(1) and 0 < half.of_second[0] < 1
    assert none.cosine == none.of_first == none.of_second == 0
    whole = lexicon.shared(["口罩", "", "口罩"], ["口罩涨价", "口罩", ""])
    assert whole.cosine[0] == pytest.approx(lexicon.cosines("口罩", ["口罩涨价"])[0], abs=1e-5)
    assert whole.cosine[1:].tolist() == [0, 0]
