"""Fit an ensemble, and evaluate it without near-duplicates across folds."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from classifiers.ensemble import Ensemble, fold, inverse_frequencies, reweighted, weighted
from classifiers.evaluate.folds import FOLDS, SEED
from classifiers.train import kernels
from classifiers.train.kernels import KernelSettings


def log_ratio(hashed: sp.csr_matrix, labels: np.ndarray) -> np.ndarray:
    """(F,) log-ratio of a feature's frequencies in posts of label 1 and 0 (Wang and Manning 2012).

    0 for features of a single post.
    """
    holds = sp.csr_matrix((np.ones_like(hashed.data), hashed.indices, hashed.indptr), hashed.shape)
    yes, no = (np.asarray(holds[labels == side].sum(0)).ravel() for side in (1, 0))
    smoothed = [(counted + 1) / (counted + 1).sum() for counted in (yes, no)]
    return np.where(yes + no > 1, np.log(smoothed[0] / smoothed[1]), 0).astype(np.float32)


@dataclass(frozen=True)
class _Parts:
    """The fitted views, before stacking."""

    idf: np.ndarray
    text: list[LinearSVC | LogisticRegression]
    ratio: np.ndarray
    rated: LinearSVC | None
    scaler: StandardScaler
    vector: LogisticRegression
    kernel: kernels.Kernel
    middle: kernels.Middle

    def margins(
        self, hashed: sp.csr_matrix, vectors: np.ndarray, middles: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(n, t) of the text, (n, 3k) of the vector views and (n, k) of the encoder's middle."""
        rows, x = weighted(hashed, self.idf), self.scaler.transform(vectors)
        text = [_columns(model.decision_function(rows)) for model in self.text]
        if self.rated is not None:
            text.append(_columns(self.rated.decision_function(reweighted(rows, self.ratio))))
        linear = _columns(self.vector.decision_function(x))
        return (
            np.hstack(text),
            np.c_[linear, self.kernel.margins(rows, x)],
            self.middle.margins(middles),
        )


def _columns(margins: np.ndarray) -> np.ndarray:
    return margins[:, None] if margins.ndim == 1 else margins


def _fit_parts(
    hashed: sp.csr_matrix,
    vectors: np.ndarray,
    middles: np.ndarray,
    labels: np.ndarray,
    settings: KernelSettings,
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
    if settings.kernel_c:
        kernel = kernels.machine(x, labels, settings)
    else:
        kernel = kernels.ridge(rows, x, labels, settings)
    ratio = log_ratio(hashed, labels) if settings.ratio_c else np.zeros(0, np.float32)
    return _Parts(
        idf,
        text,
        ratio,
        margin(settings.ratio_c).fit(reweighted(rows, ratio), labels) if settings.ratio_c else None,
        scaler,
        LogisticRegression(C=settings.vector_c, class_weight=weights, max_iter=3000).fit(x, labels),
        kernel,
        kernels.middle(middles, labels, settings),
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
    """Margins (n, k) by models that saw neither the row nor its near-duplicates."""

    text: np.ndarray
    vector: np.ndarray
    middle: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]
    blend_c: float

    def views(self) -> dict[str, np.ndarray]:
        """Margins by what is known of a text: words alone, a reused vector, everything."""
        borrowed = np.hstack([self.text, self.vector])
        whole = np.hstack([borrowed, self.middle])
        return {"alone": self.text, "borrowed": borrowed, "whole": whole}

    def probabilities(self, labels: np.ndarray, known: str = "whole") -> np.ndarray:
        """Stacked across the same folds, so that the blender never saw the row either."""
        margins = self.views()[known]
        result = np.zeros((len(labels), len(np.unique(labels))))
        for seen, held_out in self.folds:
            model = _blender(margins[seen], labels[seen], self.blend_c)
            result[held_out] = model.predict_proba(margins[held_out])
        return result


def cross_validate(
    hashed: sp.csr_matrix,
    vectors: np.ndarray,
    middles: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    settings: KernelSettings,
) -> OutOfFold:
    """Margins for every row from the fold that left it out."""
    hashed = fold(hashed, settings.features)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    folds = list(splitter.split(labels, labels, groups))
    pieces = []
    for seen, held_out in folds:
        parts = _fit_parts(hashed[seen], vectors[seen], middles[seen], labels[seen], settings)
        pieces.append(parts.margins(hashed[held_out], vectors[held_out], middles[held_out]))
    order = np.argsort(np.concatenate([held_out for _, held_out in folds]))
    text, vector, middle = (np.vstack(view)[order] for view in zip(*pieces, strict=True))
    return OutOfFold(text, vector, middle, folds, settings.blend_c)


def fit(
    hashed: sp.csr_matrix,
    vectors: np.ndarray,
    middles: np.ndarray,
    labels: np.ndarray,
    out_of_fold: OutOfFold,
    settings: KernelSettings,
    probes: np.ndarray,
) -> Ensemble:
    """The model that ships: views fitted on all rows, stacked by the out-of-fold margins."""
    parts = _fit_parts(fold(hashed, settings.features), vectors, middles, labels, settings)
    blends = {
        name: _blend(margins, labels, settings.blend_c)
        for name, margins in out_of_fold.views().items()
    }
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
        middle_mean=parts.middle.mean,
        middle_scale=parts.middle.scale,
        middle_support=parts.middle.support,
        middle_dual=parts.middle.dual,
        whole_weight=blends["whole"][0],
        whole_bias=blends["whole"][1],
        blend_weight=blends["borrowed"][0],
        blend_bias=blends["borrowed"][1],
        alone_weight=blends["alone"][0],
        alone_bias=blends["alone"][1],
        probes=probes,
    )
