"""Settings of an ensemble, and its kernel machines over vectors."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import solve
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from classifiers.ensemble import distances, neighbours


@dataclass(frozen=True)
class KernelSettings:
    """Settings chosen by cross-validation."""

    features: int = 2**18
    text_c: float = 2.0
    balanced: bool = False
    vector_c: float = 0.1
    kernel_c: float = 0.0  # of an SVM on the vectors; 0: kernel ridge on n-grams and vectors
    ridge: float = 0.5
    logistic_c: float = 0.0  # of a logistic regression beside the linear SVM; 0: none
    ratio_c: float = 0.0  # of a linear SVM on n-grams re-weighed by class; 0: none
    near: float = 1.2  # distance at which a neighbour counts half; see ensemble.neighbours
    middle: bool = False  # whether the states of the encoder's middle layer are used
    blend_c: float = 1.0  # of the logistic regression over the views' margins


@dataclass(frozen=True)
class Kernel:
    """A fitted kernel machine: dual (s, k) over standardised vectors, and the n-grams' weight.

    `answers` (s, k) are the labels of the same posts, for the nearest neighbours.
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
        return np.hstack([kernel, neighbours(apart, self.answers, self.near)])


def machine(x: np.ndarray, labels: np.ndarray, settings: KernelSettings) -> Kernel:
    """A support vector machine on the vectors alone."""
    svc = SVC(C=settings.kernel_c, gamma="scale", cache_size=600).fit(x, labels)
    dual = np.zeros((len(x), 1), np.float32)
    dual[svc.support_] = svc.dual_coef_.T
    answers = np.where(labels[:, None] == 1, 1, -1).astype(np.float32)
    bias = svc.intercept_[0]
    return Kernel(x, dual, answers, svc._gamma, bias, settings.near, np.zeros((0, 1)))


def _solved(kernel: np.ndarray, labels: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Dual weights (s, k) of a kernel ridge regression to +-1 a class, and these targets.

    In closed form; rare classes weigh more, by the root of their rarity. `kernel` is overwritten.
    """
    targets = np.where(labels[:, None] == np.unique(labels), 1, -1).astype(np.float32)
    if targets.shape[1] == 2:
        targets = targets[:, 1:]  # one column answers yes or no
    _, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    weights = np.sqrt(len(labels) / (len(sizes) * sizes))[place]
    kernel[np.diag_indices(len(labels))] += ridge / weights
    return solve(kernel, targets, assume_a="pos", overwrite_a=True), targets


def ridge(
    rows: sp.csr_matrix, x: np.ndarray, labels: np.ndarray, settings: KernelSettings
) -> Kernel:
    """A kernel ridge regression on the sum of the n-grams' and vectors' kernels."""
    gamma = 1 / x.shape[1]
    x = x.astype(np.float32)
    kernel = np.asarray((rows @ rows.T).todense(), np.float32)
    kernel += np.exp(-distances(x, x, gamma))
    dual, targets = _solved(kernel, labels, settings.ridge)
    return Kernel(x, dual, targets, gamma, 0.0, settings.near, rows.T @ dual)


@dataclass(frozen=True)
class Middle:
    """A kernel ridge regression on standardised states of the encoder's middle, or nothing."""

    mean: np.ndarray
    scale: np.ndarray
    support: np.ndarray
    dual: np.ndarray

    def margins(self, middles: np.ndarray) -> np.ndarray:
        """(n, k), or (n, 0) where the middle is not read."""
        if not len(self.mean):
            return np.zeros((len(middles), 0), np.float32)
        x = (middles - self.mean) / self.scale
        margins: np.ndarray = np.exp(-distances(x, self.support, 1 / x.shape[1])) @ self.dual
        return margins


def middle(middles: np.ndarray, labels: np.ndarray, settings: KernelSettings) -> Middle:
    """Fitted on states (n, m) where the settings ask for it."""
    if not settings.middle:
        return Middle(*(np.zeros(0, np.float32),) * 2, *(np.zeros((0, 1), np.float32),) * 2)
    scaler = StandardScaler().fit(middles)
    x = scaler.transform(middles).astype(np.float32)
    kernel = np.exp(-distances(x, x, 1 / x.shape[1]))
    dual, _ = _solved(kernel, labels, settings.ridge)
    return Middle(scaler.mean_, scaler.scale_, x, dual)
