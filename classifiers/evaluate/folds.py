"""Folds of a cross-validation that keep near-duplicates together."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

SEED = 20200220
FOLDS = 5
NEAR_DUPLICATE = 0.3  # cosine of character-trigram sets; chained, so a rumor stays together


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
    groups: np.ndarray = connected_components(links, directed=False)[1]
    return groups
