"""Agreement of two answers beyond chance: Cohen's kappa with its confidence interval.

kappa = (p_o - p_e) / (1 - p_e) (Cohen 1960); its standard error for large samples as Fleiss,
Cohen and Everitt (1969) gave it. Computed here: scikit-learn's `cohen_kappa_score` gives the same
(a test compares them) but would cost each web process 110 MB.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

FEW = 10  # answers below which an interval would be meaningless
_Z95 = 1.959964


@dataclass(frozen=True)
class Agreement:
    """`n` pairs of answers, the share of equal ones, kappa (None where chance explains all), and
    its 95% interval (None below FEW answers)."""

    n: int
    alike: float | None
    kappa: float | None
    low: float | None = None
    high: float | None = None

    @property
    def few(self) -> bool:
        return self.n < FEW


def of(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """The agreement of (first, second) answers."""
    counts = Counter(pairs)
    n = counts.total()
    if not n:
        return Agreement(0, None, None)
    p = {pair: count / n for pair, count in counts.items()}
    first: dict[str, float] = defaultdict(float)
    second: dict[str, float] = defaultdict(float)
    for (a, b), share in p.items():
        first[a] += share
        second[b] += share
    alike = sum(count for (a, b), count in counts.items() if a == b) / n
    chance = sum(first[code] * second[code] for code in list(first))
    if 1 - chance < 1e-12:  # all answers are the same
        return Agreement(n, alike, None)
    kappa = (alike - chance) / (1 - chance)
    if n < FEW:
        return Agreement(n, alike, kappa)
    off = _Z95 * _error(p, first, second, chance, kappa, n)
    return Agreement(n, alike, kappa, max(-1.0, kappa - off), min(1.0, kappa + off))


def _error(
    p: dict[tuple[str, str], float],
    first: dict[str, float],
    second: dict[str, float],
    chance: float,
    kappa: float,
    n: int,
) -> float:
    """Standard error; Fleiss, Cohen and Everitt (1969), equation 13."""
    rest = 1 - kappa
    same = sum(
        share * (1 - (first[a] + second[a]) * rest) ** 2 for (a, b), share in p.items() if a == b
    )
    apart = rest**2 * sum(
        share * (second[a] + first[b]) ** 2 for (a, b), share in p.items() if a != b
    )
    left = (kappa - chance * rest) ** 2
    return math.sqrt(max(0.0, same + apart - left) / n) / (1 - chance)
