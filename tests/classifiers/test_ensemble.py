"""The shipped arithmetic is scikit-learn's, and its parts fit together."""

import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from classifiers.ensemble import (
    distances,
    fold,
    grams,
    inverse_frequencies,
    neighbours,
    weighted,
    written,
)
from classifiers.train import ensemble as train
from classifiers.train.kernels import KernelSettings
from tests.classifiers.samples import TOY, TOY_LABELS


def test_written_keeps_the_writer_and_drops_the_page():
    text = "【通知】轉發微博 @某某 http://t.cn/abc ２元\u200b起！展开全文c"
    assert written(text) == "【通知】 2元起!"


def test_grams_are_characters_and_words():
    found = grams("口罩涨价")
    assert {"口", "口罩", "口罩涨", " 口罩", " 涨价", " 口罩 涨价"} <= set(found)


def test_weighting_is_that_of_scikit_learn(hashed):
    ours = weighted(hashed, inverse_frequencies(hashed))
    theirs = TfidfTransformer(sublinear_tf=True).fit_transform(hashed)
    assert abs(ours - theirs).max() < 1e-5


def test_folding_is_hashing_into_fewer_features(hashed):
    from sklearn.feature_extraction.text import HashingVectorizer

    fewer = HashingVectorizer(analyzer=grams, n_features=1024, alternate_sign=False, norm=None)
    direct = fewer.transform([written(text) for text in TOY])
    before = hashed.copy()
    assert abs(fold(hashed, 1024) - direct).max() == 0
    assert abs(hashed - before).max() == 0


@pytest.fixture(scope="module")
def read_within(hashed, vectors):
    """A model that reads the middle, and the states it learned from."""
    settings = KernelSettings(features=2**14, kernel_c=3.0, middle=True)
    given = (hashed, vectors, vectors[:, :4] * 9, TOY_LABELS)
    folds = train.cross_validate(*given, np.arange(60), settings)
    return train.fit(*given, folds, settings, probes=vectors[:2]), given[2]


def test_a_text_without_a_pass_of_its_own_is_judged_without_the_middle(
    read_within, hashed, vectors
):
    model, middles = read_within
    some = middles.copy()
    some[::2] = np.nan
    mixed = model.probabilities(hashed, vectors, some)
    assert np.allclose(mixed[::2], model.probabilities(hashed, vectors)[::2])
    assert np.allclose(mixed[1::2], model.probabilities(hashed, vectors, middles)[1::2])
    assert not np.allclose(mixed[1::2], model.probabilities(hashed, vectors)[1::2])


def test_an_encoder_that_tells_no_middle_is_read_without_it(read_within, hashed, vectors):
    model, _ = read_within
    nothing = np.zeros((60, 0), np.float32)
    assert np.array_equal(
        model.probabilities(hashed, vectors, nothing), model.probabilities(hashed, vectors)
    )


def test_shipped_manifests_name_data_licences_and_figures():
    from classifiers.registry import ARTIFACTS, verified

    for name in ("rumor", "theme", "reader", "price"):
        manifest = verified(ARTIFACTS / name)
        assert manifest.metrics["cross_validation"]["n"] > 0
        assert all(entry["name"] and entry["licence"] for entry in manifest.data)
        assert json.dumps(dict(manifest.settings))


def test_the_nearest_posts_answer_and_nothing_near_says_nothing():
    known = np.array([[0.0, 0.0], [0.1, 0.0], [9.0, 9.0]])
    answers = np.array([[1.0], [1.0], [-1.0]])
    asked = np.array([[0.0, 0.1], [9.0, 9.1], [40.0, -40.0]])
    said = neighbours(distances(asked, known, 0.5), answers, near=1.2)[:, 0]
    assert said == pytest.approx([1, -1, 0], abs=1e-4)
    at_the_edge = neighbours(np.full((1, 1), 1.2), answers[:1], near=1.2)
    assert at_the_edge[0, 0] == pytest.approx(0.5)
