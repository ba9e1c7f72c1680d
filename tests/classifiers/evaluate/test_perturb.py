"""Each disguise changes what is typed and none of what is meant."""

import pytest

from classifiers.evaluate.perturb import PERTURBATIONS
from classifiers.normalize import normalize, text_key

TEXT = "口罩又涨价,酒精一瓶卖50元!"
# Figures with dots between are another figure.
WITHOUT_FIGURES = {"dots between characters": TEXT.replace("50", "")}


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_disguised_text_has_the_key_of_the_plain_one(name):
    plain = WITHOUT_FIGURES.get(name, TEXT)
    disguised = PERTURBATIONS[name](plain)
    assert (disguised == plain) is (name == "unchanged")
    assert text_key(normalize(disguised)) == text_key(normalize(plain))
