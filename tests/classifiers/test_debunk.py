"""Which checked claims stand at a wording, and by what measure."""

import pytest

from classifiers import debunk
from classifiers.evaluate.debunk_queries import Library
from classifiers.normalize import normalize
from classifiers.rerank import TextAndClaim
from tests.classifiers.samples import CHECKED, RUMOR


def pairs(wording: str, model) -> list[TextAndClaim]:
    library = Library.read(CHECKED, model)
    (vector,) = model.encode([normalize(wording)])
    near = library.vectors @ vector, library.told_vectors @ vector
    texts = zip(library.ids, library.claims, library.told, *near, strict=True)
    return [TextAndClaim(int(i), normalize(wording), *rest) for i, *rest in texts]


def test_the_claim_that_is_repeated_comes_first_and_is_close(model):
    found = debunk.nearest(pairs(RUMOR, model))
    assert found[0].pair.id == 1 and found[0].close
    assert 2 not in [near.pair.id for near in found]


def test_a_claim_in_its_own_words_is_close_whatever_is_told_of_it(model):
    for row in CHECKED:
        found = debunk.nearest(pairs(row["claim"], model))
        assert found[0].pair.id == row["id"] and found[0].close


@pytest.mark.parametrize("other", ["武汉变电站着火,将停电五天", "成都变电站着火,将停电6天"])
def test_another_place_or_number_is_never_close(other):
    claim = "成都变电站着火,将停电5天" if "6" in other else "成都变电站着火,将停电五天"
    (same,) = debunk.nearest([TextAndClaim(1, claim, claim, claim, 1.0, 1.0)])
    assert same.close
    assert not any(
        near.close for near in debunk.nearest([TextAndClaim(1, other, claim, claim, 1.0, 1.0)])
    )


@pytest.mark.parametrize("nothing", ["转发", "紧急通知", ""])
def test_what_says_nothing_of_its_own_is_near_to_none(nothing, model):
    assert debunk.nearest(pairs(nothing, model)) == []
