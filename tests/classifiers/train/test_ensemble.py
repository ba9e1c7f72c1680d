"""What is fitted is what ships, and near-duplicates stay on one side."""

import numpy as np
import pytest

from classifiers.ensemble import (
    Ensemble,
    counts,
    fold,
)
from classifiers.registry import write_manifest
from classifiers.train import ensemble as train
from classifiers.train.kernels import KernelSettings
from tests.classifiers.samples import TOY_LABELS


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
    labels = np.where(np.arange(60) % 6 == 4, 2, TOY_LABELS) if classes == 3 else TOY_LABELS
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
            assert (said == TOY_LABELS).mean() > 0.95


def test_the_figures_are_of_the_blend_that_ships(hashed, vectors):
    """The penalty on the blend is the settings' in cross-validation too."""
    settings = KernelSettings(features=2**14, kernel_c=3.0, blend_c=0.05)
    given = (hashed, vectors, vectors, TOY_LABELS)
    assert train.cross_validate(*given, np.arange(60), settings).blend_c == 0.05


def test_ngrams_of_one_class_weigh_by_how_much_oftener_it_uses_them(hashed):
    ratio = train.log_ratio(hashed, TOY_LABELS)
    ours, theirs = (counts([word]).indices for word in ("涨", "园"))
    assert ratio[ours].max() > 0 > ratio[theirs].min()
    assert ratio[np.asarray(hashed.sum(0)).ravel() == 0].max() == 0
