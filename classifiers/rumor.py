"""How likely a post is a rumor, by the way it is written: a hint, never a verdict.

Models of style do not travel: one that is right nine times in ten on Weibo is no better than
chance on short video. So the score is calibrated, and withheld where the model is unsure or
the text is unlike what it learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from classifiers.ensemble import Ensemble
from classifiers.explain import Cue, aligned, find_terms
from classifiers.registry import ARTIFACTS, Manifest

DIRECTORY = ARTIFACTS / "rumor"
SHORT = 12  # characters; below this there is no style to judge


@dataclass(frozen=True)
class RumorScore:
    """Calibrated chance that the text is a rumor, or None when nothing could score it.

    `abstained` says that nobody should rely on the score; `note` says why, in Chinese. `cues`
    are the words that spoke most for the side the score is on.
    """

    score: float | None
    abstained: bool
    cues: list[Cue] = field(default_factory=list)
    note: str = ""


def unscored(note: str) -> RumorScore:
    """No score at all, because of `note`."""
    return RumorScore(None, True, [], note)


@dataclass(frozen=True)
class RumorModel:
    """The shipped ensemble with the bounds outside which it keeps silent."""

    ensemble: Ensemble
    manifest: Manifest

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "RumorModel":
        """Raises ArtifactError when a file is missing or altered."""
        return cls(*Ensemble.load(directory))

    def score(
        self,
        texts: Sequence[str],
        plain: Sequence[str],
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
    ) -> list[RumorScore]:
        """Scores of `texts`, whose `written` forms are `plain` and n-gram counts `hashed`."""
        chances = self.ensemble.probabilities(hashed, vectors)[:, 0]
        familiar = self.ensemble.familiar(hashed)
        return [
            self._one(text, words, float(chance), float(share))
            for text, words, chance, share in zip(texts, plain, chances, familiar, strict=True)
        ]  # fmt: skip

    def _one(self, text: str, plain: str, chance: float, familiar: float) -> RumorScore:
        if len(plain) < SHORT:
            return RumorScore(round(chance, 4), True, [], "文字过短，不足以判断")
        settings = self.manifest.settings
        note = ""
        if familiar < settings["familiar"]:
            note = "用语与训练数据差异较大，分数仅供参考"
        elif max(chance, 1 - chance) < settings["sure"]:
            note = "把握不足，不作判断"
        towards = 1 if chance >= 0.5 else -1
        ranked = self.ensemble.telling(plain)
        terms = [word for word, weight in ranked[::towards] if weight * towards > 0]
        return RumorScore(
            round(chance, 4), bool(note), find_terms(text, aligned(text), terms[:8], 5), note
        )
