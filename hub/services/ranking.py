"""Priority 优先级: what an officer should look at first."""

from __future__ import annotations

import math
from collections.abc import Mapping


def priority(urgency: float, demand: int, spread: Mapping[str, int], trust: float = 1.0) -> float:
    """(0.2 + urgency) x log2(1 + reports x trust) x sqrt(platforms).

    `urgency` is 0 to 1; the floor of 0.2 lets a wave of dull reports still rise. Reports
    count by their logarithm: three hundred copies are urgent, not three hundred times so.
    `trust` is how much these reports weigh by who sent them (services/reliability); it is never
    zero, so that no report counts for nothing.
    """
    platforms = sum(1 for n in spread.values() if n > 0)
    return (0.2 + urgency) * math.log2(1 + max(demand, 0) * trust) * math.sqrt(max(platforms, 1))
