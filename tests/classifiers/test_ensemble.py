"""The shipped arithmetic is scikit-learn's, and its parts fit together."""

import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from classifiers.ensemble import (
    Ensemble,
    counts,
    distances,
    fold,
    grams,
    inverse_frequencies,
    neighbours,
    weighted,
    written,
)
from classifiers.evaluate.calibration import (
    accuracy_at,
    coverage,
    expected_calibration_error,
    reliability,
)
from classifiers.evaluate.folds import near_duplicate_groups
from classifiers.registry import write_manifest
from classifiers.train import ensemble as train
from classifiers.train.kernels import KernelSettings

TEXTS = [
    f"第{i}批{'口罩涨价' if i % 2 else '公园开放'}的消息，{'赶紧转发' if i % 2 else '欢迎前往'}"
    for i in range(60)
]
LABELS = np.array([i % 2 for i in range(60)])


@pytest.fixture(scope="module")
def hashed():
    return counts([written(text) for text in TEXTS])


@pytest.fixture(scope="module")
def vectors():
    noise = np.random.default_rng(0).normal(size=(60, 6))
    noise[:, 0] += LABELS * 3
    return (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)


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
    direct = fewer.transform([written(text) for text in TEXTS])
    before = hashed.copy()
    assert abs(fold(hashed, 1024) - direct).max() == 0
    assert abs(hashed - before).max() == 0


@pytest.mark.parametrize(
    "settings",
    [
        KernelSettings(features=2**14, kernel_c=3.0, logistic_c=30.0, ratio_c=0.5),
        KernelSettings(features=2**14, balanced=True),
        KernelSettings(features=2**14, middle=True),
    ],
    ids=["machine", "ridge", "middle"],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_the_arrays_say_what_the_fitted_models_said(tmp_path, hashed, vectors, settings, classes):
    if settings.ratio_c and classes == 3:
        pytest.skip("re-weighing n-grams by class is for two classes")
    labels = np.where(np.arange(60) % 6 == 4, 2, LABELS) if classes == 3 else LABELS
    middles = vectors[:, :4] * 9
    folds = train.cross_validate(hashed, vectors, middles, labels, np.arange(60), settings)
    model = train.fit(hashed, vectors, middles, labels, folds, settings, probes=vectors[:2])
    few = fold(hashed, settings.features)
    parts = train._fit_parts(few, vectors, middles, labels, settings)
    text, vector, middle = parts.margins(few, vectors, middles)
    model.save(tmp_path)
    write_manifest(tmp_path, "toy", ["model.safetensors"])
    loaded, _ = Ensemble.load(tmp_path)
    rows = loaded.rows(hashed)
    assert np.allclose(loaded.text_margins(rows), text, atol=0.01)
    assert np.allclose(loaded.vector_margins(rows, vectors), vector, atol=0.01)
    if settings.middle:
        assert np.allclose(loaded.middle_margins(middles), middle, atol=0.01)
    if classes == 2:
        for given in ((vectors, middles), (vectors, None), (None, None)):
            said = loaded.probabilities(hashed, *given)[:, 0] >= 0.5
            assert (said == LABELS).mean() > 0.95


@pytest.fixture(scope="module")
def read_within(hashed, vectors):
    """A model that reads the middle, and the states it learned from."""
    settings = KernelSettings(features=2**14, kernel_c=3.0, middle=True)
    given = (hashed, vectors, vectors[:, :4] * 9, LABELS)
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


def test_the_figures_are_of_the_blend_that_ships(hashed, vectors):
    """The penalty on the blend is the settings' in cross-validation too."""
    settings = KernelSettings(features=2**14, kernel_c=3.0, blend_c=0.05)
    given = (hashed, vectors, vectors, LABELS)
    assert train.cross_validate(*given, np.arange(60), settings).blend_c == 0.05


def test_ngrams_of_one_class_weigh_by_how_much_oftener_it_uses_them(hashed):
    ratio = train.log_ratio(hashed, LABELS)
    ours, theirs = (counts([word]).indices for word in ("涨", "园"))
    assert ratio[ours].max() > 0 > ratio[theirs].min()
    assert ratio[np.asarray(hashed.sum(0)).ravel() == 0].max() == 0


def test_near_duplicates_share_a_group_and_strangers_do_not():
    groups = near_duplicate_groups(
        [
            "明天全城停水三天请大家互相转告",
            "明天全城停水三天,请大家转告",
            "市民公园本周末免费开放欢迎前往",
        ]
    )
    assert groups[0] == groups[1] != groups[2]


def test_calibration_error_of_honest_and_of_boastful_chances():
    labels = np.array([1] * 8 + [0] * 2)
    assert expected_calibration_error(np.full(10, 0.8), labels) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(10, 1.0), labels) == pytest.approx(0.2)


def test_bins_and_the_surest_share_count_what_they_hold():
    chances = np.array([0.99, 0.02, 0.95, 0.6, 0.45])
    labels = np.array([1, 0, 1, 0, 1])
    assert sum(n for _, _, n in reliability(chances, labels)) == 5
    assert accuracy_at(0.6, chances, labels) == 1.0
    assert accuracy_at(1.0, chances, labels) == pytest.approx(0.6)


def test_coverage_counts_only_what_was_answered():
    share, right = coverage(
        np.array([True, True, False, False]), np.array([True, False, True, True])
    )
    assert (share, right) == (0.5, 0.5)
    assert coverage(np.array([False]), np.array([True])) == (0.0, 0.0)


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
