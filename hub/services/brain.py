"""The models a process that assesses keeps loaded. The web process never calls this."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.encoder import Encoder
from classifiers.matching import View, views
from hub.config import settings

if TYPE_CHECKING:
    from classifiers.assess import Assessor


@dataclass(frozen=True)
class Reading:
    """What the models make of one text: how to match it and what it is."""

    view: View
    assessment: dict[str, Any]


@dataclass(frozen=True)
class Brain:
    """Encoder and classifiers, loaded together so that nothing is encoded twice."""

    encoder: Encoder
    assessor: Assessor

    def read(self, texts: list[str]) -> list[Reading]:
        """One Reading per text, encoded and classified as one batch."""
        seen = views(texts, self.encoder)
        found = self.assessor.assess(texts, np.stack([v.vector for v in seen]) if seen else None)
        return [Reading(v, a.to_json()) for v, a in zip(seen, found, strict=True)]


@cache
def brain() -> Brain:
    """This process's models. Raises classifiers.registry.ArtifactError for altered files."""
    from classifiers.assess import Assessor  # brings scikit-learn: workers alone pay for it

    encoder = Encoder.load(settings().encoder)
    return Brain(encoder, Assessor.load(encoder))
