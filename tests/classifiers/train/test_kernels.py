"""The kernel machines that ship say what scikit-learn's would."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC

from classifiers.train import kernels
from classifiers.train.kernels import KernelSettings
from tests.classifiers.samples import TOY_LABELS


def test_the_machine_on_vectors_is_a_support_vector_machine(hashed, vectors):
    settings = KernelSettings(kernel_c=3.0)
    theirs = SVC(C=3.0, gamma="scale").fit(vectors, TOY_LABELS).decision_function(vectors)
    ours = kernels.machine(vectors, TOY_LABELS, settings).margins(hashed, vectors)
    assert ours[:, 0] == pytest.approx(theirs, abs=1e-3)
    assert ((ours[:, 1] > 0) == (TOY_LABELS == 1)).mean() > 0.9  # what the nearest posts are


def test_the_ridge_on_grams_and_vectors_is_a_kernel_ridge(hashed, vectors):
    rows = sp.csr_matrix(hashed.astype(np.float32) / 50)
    kernel = (rows @ rows.T).toarray() + np.exp(
        -((vectors[:, None] - vectors[None]) ** 2).sum(2) / vectors.shape[1]
    )
    # Two classes of one size weigh 1 each.
    theirs = KernelRidge(alpha=0.5, kernel="precomputed").fit(kernel, TOY_LABELS * 2 - 1)
    ours = kernels.ridge(rows, vectors, TOY_LABELS, KernelSettings(ridge=0.5))
    assert ours.margins(rows, vectors)[:, 0] == pytest.approx(theirs.predict(kernel), abs=1e-2)


def test_a_rare_class_weighs_more_than_its_number(vectors):
    labels = (np.arange(len(vectors)) < 6).astype(int)
    dual, targets = kernels._solved(np.zeros((60, 60), np.float32), labels, 1.0)
    weights = np.abs(dual / targets)[:, 0]
    assert weights[:6] / weights[6:12] == pytest.approx(3.0, abs=1e-4)  # root of 54 / 6


def test_the_middle_is_read_only_where_the_settings_ask_for_it(vectors):
    unread = kernels.middle(vectors, TOY_LABELS, KernelSettings())
    assert unread.margins(vectors).shape == (60, 0)
    read = kernels.middle(vectors * 40 + 7, TOY_LABELS, KernelSettings(middle=True))
    assert read.margins(vectors * 40 + 7).shape == (60, 1)
    assert ((read.margins(vectors * 40 + 7)[:, 0] > 0) == (TOY_LABELS == 1)).mean() > 0.9
