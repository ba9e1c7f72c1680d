"""Fit an ensemble, and measure it as it will be met: near-duplicates never across folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import solve
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from classifiers.ensemble import Ensemble, distances, fold, neighbours, rated, weighted

SEED = 20200220
FOLDS = 5
NEAR_DUPLICATE = 0.3  # cosine of character-trigram sets; chained, so a rumor stays together


@dataclass(frozen=True)
class Settings:
    """What was tried in cross-validation, and chosen."""

    features: int = 2**18
    text_c: float = 2.0
    balanced: bool = False
    vector_c: float = 0.1
    kernel_c: float = 0.0  # of an SVM on the vectors; 0: kernel ridge on n-grams and vectors
    ridge: float = 0.5
    logistic_c: float = 0.0  # of a logistic regression beside the linear SVM; 0: none
    ratio_c: float = 0.0  # of a linear SVM on n-grams re-weighed by class; 0: none
    near: float = 1.2  # distance within which posts are asked; see ensemble.neighbours
    blend_c: float = 1.0  # of the logistic regression over the views' margins


def near_duplicate_groups(texts: Sequence[str]) -> np.ndarray:
    """(n,) group numbers: texts linked by similar trigrams, directly or through others."""
    trigrams = HashingVectorizer(
        analyzer="char", ngram_range=(3, 3), binary=True, alternate_sign=False, n_features=2**20
    ).transform(texts)
    similar = (trigrams @ trigrams.T).tocoo()
    near = similar.data > NEAR_DUPLICATE
    links = sp.coo_matrix(
        (similar.data[near], (similar.row[near], similar.col[near])), similar.shape
    )
    return connected_components(links, directed=False)[1]


def inverse_frequencies(hashed: sp.csr_matrix) -> np.ndarray:
    """Smoothed idf as scikit-learn defines it, but 0 for features no row has."""
    met = np.bincount(hashed.indices, minlength=hashed.shape[1])
    idf = np.log((1 + hashed.shape[0]) / (1 + met)) + 1
    return np.where(met > 0, idf, 0).astype(np.float32)


def log_ratio(hashed: sp.csr_matrix, labels: np.ndarray) -> np.ndarray:
    """(F,) log of how much oftener posts of label 1 hold a feature (Wang and Manning 2012).

    0 for what one post alone holds.
    """
    holds = sp.csr_matrix((np.ones_like(hashed.data), hashed.indices, hashed.indptr), hashed.shape)
    yes, no = (np.asarray(holds[labels == side].sum(0)).ravel() for side in (1, 0))
    smoothed = [(counted + 1) / (counted + 1).sum() for counted in (yes, no)]
    return np.where(yes + no > 1, np.log(smoothed[0] / smoothed[1]), 0).astype(np.float32)


@dataclass(frozen=True)
class _Kernel:
    """A fitted kernel machine: dual (s, k) over standardised vectors, and the n-grams' weight.

    `answers` (s, k) are the labels of the same posts, for those who ask the nearest.
    """

    support: np.ndarray
    dual: np.ndarray
    answers: np.ndarray
    gamma: float
    bias: float
    near: float
    joint_weight: np.ndarray

    def margins(self, rows: sp.csr_matrix, x: np.ndarray) -> np.ndarray:
        """(n, 2k): of the machine and of the nearest posts."""
        apart = distances(x, self.support, self.gamma)
        kernel = np.exp(-apart) @ self.dual + self.bias
        if len(self.joint_weight):
            kernel = kernel + rows @ self.joint_weight
        return np.c_[kernel, neighbours(apart, self.answers, self.near)]


def _machine(x: np.ndarray, labels: np.ndarray, settings: Settings) -> _Kernel:
    """A support vector machine on the vectors alone."""
    svc = SVC(C=settings.kernel_c, gamma="scale", cache_size=600).fit(x, labels)
    dual = np.zeros((len(x), 1), np.float32)
    dual[svc.support_] = svc.dual_coef_.T
    answers = np.where(labels[:, None] == 1, 1, -1).astype(np.float32)
    bias = svc.intercept_[0]
    return _Kernel(x, dual, answers, svc._gamma, bias, settings.near, np.zeros((0, 1)))


def _ridge(rows: sp.csr_matrix, x: np.ndarray, labels: np.ndarray, settings: Settings) -> _Kernel:
    """Kernel ridge regression to +-1 a class, on the sum of the n-grams' and vectors' kernels.

    Solved in closed form; rare classes weigh more, by the root of how rare they are.
    """
    gamma = 1 / x.shape[1]
    x = x.astype(np.float32)
    kernel = np.asarray((rows @ rows.T).todense(), np.float32)
    kernel += np.exp(-distances(x, x, gamma))
    targets = np.where(labels[:, None] == np.unique(labels), 1, -1).astype(np.float32)
    _, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    weights = np.sqrt(len(labels) / (len(sizes) * sizes))[place]
    kernel[np.diag_indices(len(labels))] += settings.ridge / weights
    dual = solve(kernel, targets, assume_a="pos", overwrite_a=True)
    return _Kernel(x, dual, targets, gamma, 0.0, settings.near, rows.T @ dual)


@dataclass(frozen=True)
class _Parts:
    """The fitted views, before they are blended."""

    idf: np.ndarray
    text: list[LinearSVC | LogisticRegression]
    ratio: np.ndarray
    rated: LinearSVC | None
    scaler: StandardScaler
    vector: LogisticRegression
    kernel: _Kernel

    def margins(self, hashed: sp.csr_matrix, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, t) of the text and (n, 3k) of the vector views."""
        rows, x = weighted(hashed, self.idf), self.scaler.transform(vectors)
        text = [_columns(model.decision_function(rows)) for model in self.text]
        if self.rated is not None:
            text.append(_columns(self.rated.decision_function(rated(rows, self.ratio))))
        linear = _columns(self.vector.decision_function(x))
        return np.hstack(text), np.c_[linear, self.kernel.margins(rows, x)]


def _columns(margins: np.ndarray) -> np.ndarray:
    return margins[:, None] if margins.ndim == 1 else margins


def _fit_parts(
    hashed: sp.csr_matrix, vectors: np.ndarray, labels: np.ndarray, settings: Settings
) -> _Parts:
    idf = inverse_frequencies(hashed)
    rows = weighted(hashed, idf)
    weights = "balanced" if settings.balanced else None
    scaler = StandardScaler().fit(vectors)
    x = scaler.transform(vectors)

    def margin(c: float) -> LinearSVC:
        return LinearSVC(C=c, class_weight=weights, random_state=SEED)

    text: list[LinearSVC | LogisticRegression] = [margin(settings.text_c).fit(rows, labels)]
    if settings.logistic_c:
        logistic = LogisticRegression(C=settings.logistic_c, solver="liblinear", random_state=SEED)
        text.append(logistic.fit(rows, labels))
    ratio = log_ratio(hashed, labels) if settings.ratio_c else np.zeros(0, np.float32)
    return _Parts(
        idf,
        text,
        ratio,
        margin(settings.ratio_c).fit(rated(rows, ratio), labels) if settings.ratio_c else None,
        scaler,
        LogisticRegression(C=settings.vector_c, class_weight=weights, max_iter=3000).fit(x, labels),
        _machine(x, labels, settings) if settings.kernel_c else _ridge(rows, x, labels, settings),
    )


def _blender(margins: np.ndarray, labels: np.ndarray, c: float) -> Pipeline:
    """A logistic regression over standardised margins."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=3000)).fit(
        margins, labels
    )


def _blend(margins: np.ndarray, labels: np.ndarray, c: float) -> tuple[np.ndarray, np.ndarray]:
    """Weight (m, k) and bias (k,) from margins to log-odds."""
    scaler, model = (step for _, step in _blender(margins, labels, c).steps)
    weight = (model.coef_ / scaler.scale_).T
    return weight, model.intercept_ - scaler.mean_ @ weight


@dataclass(frozen=True)
class OutOfFold:
    """What models that never saw a row, nor its near-duplicates, say of it: (n, k) margins."""

    text: np.ndarray
    vector: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]
    near: float = 1.2  # distance within which posts are asked; see ensemble.neighbours
    blend_c: float = 1.0

    def probabilities(self, labels: np.ndarray, with_vectors: bool) -> np.ndarray:
        """Blended across the same folds, so that the blend too never saw the row."""
        margins = np.hstack([self.text, self.vector]) if with_vectors else self.text
        result = np.zeros((len(labels), len(np.unique(labels))))
        for seen, held_out in self.folds:
            model = _blender(margins[seen], labels[seen], self.blend_c)
            result[held_out] = model.predict_proba(margins[held_out])
        return result


def cross_validate(
    hashed: sp.csr_matrix,
    vectors: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    settings: Settings,
) -> OutOfFold:
    """Margins for every row from the fold that left it out."""
    hashed = fold(hashed, settings.features)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    folds = list(splitter.split(labels, labels, groups))
    pieces = []
    for seen, held_out in folds:
        parts = _fit_parts(hashed[seen], vectors[seen], labels[seen], settings)
        pieces.append((held_out, *parts.margins(hashed[held_out], vectors[held_out])))
    order = np.argsort(np.concatenate([rows for rows, _, _ in pieces]))
    text = np.vstack([t for _, t, _ in pieces])[order]
    vector = np.vstack([v for _, _, v in pieces])[order]
    return OutOfFold(text, vector, folds, settings.blend_c)


def fit(
    hashed: sp.csr_matrix,
    vectors: np.ndarray,
    labels: np.ndarray,
    out_of_fold: OutOfFold,
    settings: Settings,
    probes: np.ndarray,
) -> Ensemble:
    """The model that ships: views fitted on every row, blended as the folds taught."""
    parts = _fit_parts(fold(hashed, settings.features), vectors, labels, settings)
    margins = np.hstack([out_of_fold.text, out_of_fold.vector])
    blend = _blend(margins, labels, settings.blend_c)
    alone = _blend(out_of_fold.text, labels, settings.blend_c)
    return Ensemble(
        idf=parts.idf,
        text_weight=np.vstack([model.coef_ for model in parts.text]).T,
        text_bias=np.concatenate([model.intercept_ for model in parts.text]),
        ratio=parts.ratio,
        ratio_weight=np.zeros((0, 1)) if parts.rated is None else parts.rated.coef_.T,
        ratio_bias=np.zeros(1) if parts.rated is None else parts.rated.intercept_,
        vector_mean=parts.scaler.mean_,
        vector_scale=parts.scaler.scale_,
        vector_weight=parts.vector.coef_.T,
        vector_bias=parts.vector.intercept_,
        support=parts.kernel.support,
        dual=parts.kernel.dual,
        answers=parts.kernel.answers,
        kernel=np.array([parts.kernel.gamma, parts.kernel.bias, parts.kernel.near]),
        joint_weight=parts.kernel.joint_weight,
        blend_weight=blend[0],
        blend_bias=blend[1],
        alone_weight=alone[0],
        alone_bias=alone[1],
        probes=probes,
    )
