"""Fit an ensemble, and measure it as it will be met: near-duplicates never across folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from classifiers.ensemble import Ensemble, fold, weighted

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
    kernel_c: float = 0.0  # 0: no kernel


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


@dataclass(frozen=True)
class _Parts:
    """The fitted views, before they are blended."""

    idf: np.ndarray
    text: LinearSVC
    scaler: StandardScaler
    vector: LogisticRegression
    kernel: SVC | None

    def margins(self, hashed: sp.csr_matrix, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, k) of the text and (n, ...) of the vector views."""
        x = self.scaler.transform(vectors)
        columns = [_columns(self.vector.decision_function(x))]
        if self.kernel is not None:
            columns.append(_columns(self.kernel.decision_function(x)))
        text = _columns(self.text.decision_function(weighted(hashed, self.idf)))
        return text, np.hstack(columns)


def _columns(margins: np.ndarray) -> np.ndarray:
    return margins[:, None] if margins.ndim == 1 else margins


def _fit_parts(
    hashed: sp.csr_matrix, vectors: np.ndarray, labels: np.ndarray, settings: Settings
) -> _Parts:
    idf = inverse_frequencies(hashed)
    weights = "balanced" if settings.balanced else None
    scaler = StandardScaler().fit(vectors)
    x = scaler.transform(vectors)
    return _Parts(
        idf,
        LinearSVC(C=settings.text_c, class_weight=weights, random_state=SEED).fit(
            weighted(hashed, idf), labels
        ),
        scaler,
        LogisticRegression(C=settings.vector_c, class_weight=weights, max_iter=3000).fit(x, labels),
        SVC(C=settings.kernel_c, gamma="scale", cache_size=600).fit(x, labels)
        if settings.kernel_c
        else None,
    )


def _blend(margins: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight (m, k) and bias (k,) from margins to log-odds: standardised logistic regression."""
    scaler = StandardScaler().fit(margins)
    model = LogisticRegression(max_iter=3000).fit(scaler.transform(margins), labels)
    weight = (model.coef_ / scaler.scale_).T
    return weight, model.intercept_ - scaler.mean_ @ weight


@dataclass(frozen=True)
class OutOfFold:
    """What models that never saw a row, nor its near-duplicates, say of it: (n, k) margins."""

    text: np.ndarray
    vector: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]

    def probabilities(self, labels: np.ndarray, with_vectors: bool) -> np.ndarray:
        """Blended across the same folds, so that the blend too never saw the row."""
        margins = np.hstack([self.text, self.vector]) if with_vectors else self.text
        result: np.ndarray | None = None
        for seen, held_out in self.folds:
            scaler = StandardScaler().fit(margins[seen])
            model = LogisticRegression(max_iter=3000)
            model.fit(scaler.transform(margins[seen]), labels[seen])
            chances = model.predict_proba(scaler.transform(margins[held_out]))
            if result is None:
                result = np.zeros((len(labels), chances.shape[1]))
            result[held_out] = chances
        assert result is not None
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
    return OutOfFold(text, np.vstack([v for _, _, v in pieces])[order], folds)


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
    kernel = parts.kernel
    width = vectors.shape[1]
    blend = _blend(np.hstack([out_of_fold.text, out_of_fold.vector]), labels)
    alone = _blend(out_of_fold.text, labels)
    return Ensemble(
        idf=parts.idf,
        text_weight=parts.text.coef_.T,
        text_bias=parts.text.intercept_,
        vector_mean=parts.scaler.mean_,
        vector_scale=parts.scaler.scale_,
        vector_weight=parts.vector.coef_.T,
        vector_bias=parts.vector.intercept_,
        support=np.zeros((0, width)) if kernel is None else kernel.support_vectors_,
        dual=np.zeros(0) if kernel is None else kernel.dual_coef_[0],
        kernel=np.zeros(2) if kernel is None else np.array([kernel._gamma, kernel.intercept_[0]]),
        blend_weight=blend[0],
        blend_bias=blend[1],
        alone_weight=alone[0],
        alone_bias=alone[1],
        probes=probes,
    )
