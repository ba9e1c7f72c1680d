"""The models' result for one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifiers.matching import View


@dataclass(frozen=True)
class Reading:
    """The models' result for one text: its view for matching and its assessment."""

    view: View
    assessment: dict[str, Any]
