"""Priority 优先级: what an officer should look at first."""

from __future__ import annotations

import math
from collections.abc import Mapping


def priority(urgency: float, demand: int, spread: Mapping[str, int]) -> float:
    """(0.2 + urgency) x log2(1 + reports) x sqrt(platforms).

    `urgency` is 0 to 1; the floor of 0.2 lets a wave of dull reports still rise. Reports
    count by their logarithm: three hundred copies are urgent, not three hundred times so.
    """
    platforms = sum(1 for n in spread.values() if n > 0)
    return (0.2 + urgency) * math.log2(1 + max(demand, 0)) * math.sqrt(max(platforms, 1))
