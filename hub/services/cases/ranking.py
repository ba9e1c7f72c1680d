"""Priority 优先级: what an officer should look at first."""

from __future__ import annotations

import math
from collections.abc import Mapping

# Factor for a statutory term that ends within `clocks.SOON` working days, or has ended.
PRESSING = {"soon": 1.5, "overdue": 2.0}


def priority(
    urgency: float,
    demand: int,
    spread: Mapping[str, int],
    trust: float = 1.0,
    pressing: str | None = None,
) -> float:
    """(0.2 + urgency) x log2(1 + reports x trust) x sqrt(platforms) x the term's PRESSING.

    `urgency`, 0 to 1, measures harm; the floor of 0.2 lets a wave of harmless reports still rise.
    The logarithm keeps three hundred copies from counting three hundred times.
    `trust` is the weight of the reports by their sources (see `reliability`); it is never zero,
    so that no report counts for nothing.
    """
    platforms = sum(1 for n in spread.values() if n > 0)
    reports = math.log2(1 + max(demand, 0) * trust)
    return (0.2 + urgency) * reports * math.sqrt(max(platforms, 1)) * factor(pressing)


def factor(pressing: str | None) -> float:
    """The factor of the priority for this deadline pressure; 1 without any."""
    return PRESSING.get(pressing or "", 1.0)
