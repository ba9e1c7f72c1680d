"""What the models made of one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifiers.matching import View


@dataclass(frozen=True)
class Reading:
    """What the models make of one text: how to match it and what it is."""

    view: View
    assessment: dict[str, Any]
