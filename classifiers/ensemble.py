"""An ensemble of small models of a post, stacked into calibrated probabilities.

Linear models of character and word n-grams; logistic regression, a Gaussian kernel machine and
nearest neighbours of the sentence vector; where it helps, a kernel machine of the encoder's middle
layer; a logistic regression over their out-of-fold margins (stacking, Wolpert 1992) weighs and
calibrates them. scikit-learn fits them (`classifiers.train.ensemble`); here only arrays are read,
as half floats from safetensors, so that a text takes well under a millisecond and nothing is
unpickled.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, softmax
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize as unit_rows
from sklearn.utils import murmurhash3_32

from classifiers import registry
from classifiers.encoder import Encoder
from classifiers.explain import aligned
from classifiers.registry import Manifest
from classifiers.segment import MAX_CHARS, words

FILE = "model.safetensors"
# A model's encoder is recognised by giving these sentences the same vectors.
PROBES = (
    "超市的鸡蛋没有标价",
    "明天全城停水,请大家互相转告",
    "研究人员公布了新的观测结果",
    "这家网店卖的口罩是假货",
)
SAME_ENCODER = 0.97  # cosine; two builds, or two processors' 8-bit arithmetic, differ by 0.01
FEATURES = 2**18
# The weight of a known post falls by SHARPNESS times its distance. Distances are squared and
# scaled by the vectors' spread: two random Weibo posts are 2 apart, a post and its nearest 1.1.
SHARPNESS = 16.0

# Added by the platform's page, not by the writer: links, names, invisible marks.
_NOT_THE_WRITER = re.compile(
    r"https?://[!-~]+|@[\w·-]{1,15}|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]"
    r"|(?:\.\.\.)?(?:展开全文|收起全文)[a-z]?|网页链接|转发微博|的(?:微博|秒拍)视频"
)
_SPACE = re.compile(r"\s+")


def written(text: str) -> str:
    """The writer's own words and punctuation: half width, Simplified, lower case, one line.

    Unlike `normalize` it keeps punctuation, brackets and emoticons, which distinguish a headline
    from an outcry, and drops links, names and the platform's own labels, which would only reveal
    where a training set was collected.
    """
    return _SPACE.sub(" ", _NOT_THE_WRITER.sub("", aligned(text[:MAX_CHARS]))).strip()


@lru_cache(maxsize=512)
def _words(text: str) -> tuple[str, ...]:
    """Cached, because segmenting is the most expensive step and the explanation needs it too."""
    return tuple(words(text))


def grams(text: str) -> list[str]:
    """Character 1- to 3-grams and word 1- and 2-grams (marked by a leading space)."""
    found = [text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)]
    tokens = _words(text)
    found += [f" {word}" for word in tokens]
    found += [f" {first} {second}" for first, second in zip(tokens, tokens[1:], strict=False)]
    return found


_VECTORIZER = HashingVectorizer(
    analyzer=grams, n_features=FEATURES, alternate_sign=False, norm=None, dtype=np.float32
)


def counts(texts: Sequence[str]) -> sp.csr_matrix:
    """(n, FEATURES) hashed n-gram counts of texts processed by `written`."""
    return _VECTORIZER.transform(texts)


def fold(hashed: sp.csr_matrix, size: int) -> sp.csr_matrix:
    """The same counts hashed into `size` features, a power of two not above FEATURES."""
    if hashed.shape[1] == size:
        return hashed
    parts = (hashed.data, hashed.indices & (size - 1), hashed.indptr)
    # A copy, because summing duplicates happens in place.
    folded = sp.csr_matrix(parts, (hashed.shape[0], size), copy=True)
    folded.sum_duplicates()
    return folded


def inverse_frequencies(hashed: sp.csr_matrix) -> np.ndarray:
    """Smoothed idf as scikit-learn defines it, but 0 for features no row has."""
    met = np.bincount(hashed.indices, minlength=hashed.shape[1])
    idf = np.log((1 + hashed.shape[0]) / (1 + met)) + 1
    return np.where(met > 0, idf, 0).astype(np.float32)


def weighted(hashed: sp.csr_matrix, idf: np.ndarray) -> sp.csr_matrix:
    """Sublinear TF-IDF rows of unit length."""
    data = (1 + np.log(hashed.data)) * idf[hashed.indices]
    return unit_rows(sp.csr_matrix((data, hashed.indices, hashed.indptr), hashed.shape), copy=False)


def reweighted(rows: sp.csr_matrix, ratio: np.ndarray) -> sp.csr_matrix:
    """Rows whose features are multiplied by `ratio`, of unit length again."""
    data = rows.data * ratio[rows.indices]
    return unit_rows(sp.csr_matrix((data, rows.indices, rows.indptr), rows.shape), copy=False)


def distances(
    x: np.ndarray, known: np.ndarray, gamma: float, lengths: np.ndarray | None = None
) -> np.ndarray:
    """float32 (n, s): squared distances of rows to `known` ones, times gamma.

    `lengths` (s,) are the squared lengths of `known`, if known.
    """
    if lengths is None:
        lengths = (known**2).sum(1)
    squared = (x**2).sum(1)[:, None] + lengths - 2 * x @ known.T
    scaled: np.ndarray = np.maximum(gamma * squared, 0).astype(np.float32)
    return scaled


def neighbours(apart: np.ndarray, answers: np.ndarray, near: float) -> np.ndarray:
    """(n, k): the labels (s, k), each 1 or -1, of posts at distances `apart` (n, s), by nearness.

    A mean weighted by a Gaussian of the distance (Nadaraya 1964, Watson 1964), shrunk towards 0
    where nothing is near: a single post at the distance `near` counts half.
    """
    weights = np.exp(SHARPNESS * (near - apart))
    means: np.ndarray = weights @ answers / (1 + weights.sum(1, keepdims=True))
    return means


@dataclass(frozen=True)
class Ensemble:
    """The arrays of one trained model; k columns, one for a yes-no question.

    idf (F,) is 0 for features unseen in training. text_weight (F, t) holds one k after
    another; ratio (F,) re-weights n-grams by how much more often one class uses them, for
    ratio_weight (F, 1), and may be empty. vector_weight (d, k). support (s, d) are the training
    posts, answers (s, k) their labels as 1 or -1, dual (s, k) their weights in the
    kernel, whose joint_weight (F, k) reads the n-grams beside it where it is not empty.
    middle_support (s, m) and middle_dual (s, k) are the same for the states of the encoder's
    middle, m being 0 for a model that does not read them. whole_weight, blend_weight and
    alone_weight turn margins into log-odds: of all views, without the middle, and without any
    vector. probes (p, d) are the vectors its encoder gave to PROBES.
    """

    idf: np.ndarray
    text_weight: np.ndarray
    text_bias: np.ndarray
    ratio: np.ndarray
    ratio_weight: np.ndarray
    ratio_bias: np.ndarray
    vector_mean: np.ndarray
    vector_scale: np.ndarray
    vector_weight: np.ndarray
    vector_bias: np.ndarray
    support: np.ndarray
    dual: np.ndarray
    answers: np.ndarray
    kernel: np.ndarray  # gamma, bias, near
    joint_weight: np.ndarray
    middle_mean: np.ndarray
    middle_scale: np.ndarray
    middle_support: np.ndarray
    middle_dual: np.ndarray
    whole_weight: np.ndarray
    whole_bias: np.ndarray
    blend_weight: np.ndarray
    blend_bias: np.ndarray
    alone_weight: np.ndarray
    alone_bias: np.ndarray
    probes: np.ndarray

    @classmethod
    def load(cls, directory: Path) -> tuple["Ensemble", Manifest]:
        """The model in `directory` and its manifest. Raises ArtifactError when altered."""
        from safetensors.numpy import load_file

        manifest = registry.verified(directory)
        try:
            arrays = load_file(directory / FILE)
            return cls(**{name: a.astype(np.float32) for name, a in arrays.items()}), manifest
        except Exception as error:  # an intact file may be of another layout
            raise registry.ArtifactError(f"{directory}: {error}") from error

    def save(self, directory: Path) -> None:
        """Write the arrays, large ones as half floats."""
        from safetensors.numpy import save_file

        arrays = {
            name: np.ascontiguousarray(a, np.float16 if a.size > 10_000 else np.float32)
            for name, a in ((f.name, getattr(self, f.name)) for f in fields(self))
        }
        save_file(arrays, directory / FILE)

    @cached_property
    def _support_lengths(self) -> np.ndarray:
        lengths: np.ndarray = (self.support**2).sum(1)
        return lengths

    @cached_property
    def _middle_lengths(self) -> np.ndarray:
        lengths: np.ndarray = (self.middle_support**2).sum(1)
        return lengths

    def reads(self, encoder: Encoder) -> bool:
        """Whether this model was trained with the vectors of `encoder`."""
        if encoder.dim != self.probes.shape[1]:
            return False
        return bool((encoder.encode(PROBES) * self.probes).sum(1).min() >= SAME_ENCODER)

    def rows(self, hashed: sp.csr_matrix) -> sp.csr_matrix:
        """The TF-IDF rows that the weights apply to."""
        return weighted(fold(hashed, len(self.idf)), self.idf)

    def text_margins(self, rows: sp.csr_matrix) -> np.ndarray:
        """(n, t) from n-grams alone; one more column where there is a ratio."""
        margins: np.ndarray = rows @ self.text_weight + self.text_bias
        if not len(self.ratio):
            return margins
        by_ratio = reweighted(rows, self.ratio) @ self.ratio_weight + self.ratio_bias
        return np.hstack([margins, by_ratio])

    def vector_margins(self, rows: sp.csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """(n, 3k) from sentence vectors (n, d); the kernel's also from n-grams."""
        x = (vectors - self.vector_mean) / self.vector_scale
        gamma, bias, near = self.kernel
        apart = distances(x, self.support, gamma, self._support_lengths)
        kernel = np.exp(-apart) @ self.dual + bias
        if len(self.joint_weight):
            kernel = kernel + rows @ self.joint_weight
        linear = x @ self.vector_weight + self.vector_bias
        return np.hstack([linear, kernel, neighbours(apart, self.answers, near)])

    def middle_margins(self, middles: np.ndarray) -> np.ndarray:
        """(n, k) from states of the encoder's middle (n, m)."""
        x = (middles - self.middle_mean) / self.middle_scale
        gamma = 1 / x.shape[1]
        apart = distances(x, self.middle_support, gamma, self._middle_lengths)
        margins: np.ndarray = np.exp(-apart) @ self.middle_dual
        return margins

    def probabilities(
        self,
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
        middles: np.ndarray | None = None,
    ) -> np.ndarray:
        """(n, k) probabilities; for k = 1 that of yes. Without vectors from n-grams alone.

        Rows of `middles` (n, m) that are NaN, or of another width, are ignored.
        """
        rows = self.rows(hashed)
        margins = self.text_margins(rows)
        if vectors is None:
            odds = margins @ self.alone_weight + self.alone_bias
        else:
            margins = np.c_[margins, self.vector_margins(rows, vectors)]
            odds = margins @ self.blend_weight + self.blend_bias
            if middles is not None and 0 < len(self.middle_mean) == middles.shape[1]:
                known_rows = np.flatnonzero(~np.isnan(middles).any(1))
                whole = np.c_[margins[known_rows], self.middle_margins(middles[known_rows])]
                odds[known_rows] = whole @ self.whole_weight + self.whole_bias
        chances: np.ndarray = expit(odds) if odds.shape[1] == 1 else softmax(odds, axis=1)
        return chances

    def term_weights(self, text: str, column: int = 0) -> list[tuple[str, float]]:
        """Words of a `written` text with their weight towards `column`, heaviest first."""
        found = {}
        for word in set(_words(text)):
            if len(word) > 1 and any(c.isalpha() for c in word):
                index = abs(murmurhash3_32(f" {word}", 0)) % len(self.idf)
                found[word] = float(self.idf[index] * self.text_weight[index, column])
        return sorted(found.items(), key=lambda item: -item[1])
