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
from scipy.special import expit

from classifiers.ensemble import Ensemble, weighted
from classifiers.explain import Cue, aligned, find_terms
from classifiers.registry import ARTIFACTS, ArtifactError, Manifest

DIRECTORY = ARTIFACTS / "rumor"
HOME_FILE = "home.safetensors"
SHORT = 30  # characters; titles of short video are of that length, and nothing is known of them


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
class Home:
    """Whether a text is of the kind the model learned from: (F,) weights over TF-IDF rows.

    Learned as Weibo posts against news titles and citizens' complaints.
    """

    weight: np.ndarray
    bias: float

    @classmethod
    def load(cls, path: Path) -> "Home":
        """Raises ArtifactError when the file is of another layout."""
        from safetensors.numpy import load_file

        try:
            arrays = load_file(path)
            return cls(arrays["weight"].astype(np.float32), float(arrays["bias"][0]))
        except Exception as error:  # a manifest may vouch for another layout
            raise ArtifactError(f"{path}: {error}") from error

    def save(self, path: Path) -> None:
        """Write the weights as half floats."""
        from safetensors.numpy import save_file

        bias = np.array([self.bias], np.float32)
        save_file({"weight": self.weight.astype(np.float16), "bias": bias}, path)

    def chances(self, rows: sp.csr_matrix) -> np.ndarray:
        """(n,) chance that each row, weighted by the model's idf, is of the known kind."""
        return expit(rows @ self.weight + self.bias)


@dataclass(frozen=True)
class RumorModel:
    """The shipped ensemble with the bounds outside which it keeps silent."""

    ensemble: Ensemble
    home: Home
    manifest: Manifest

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "RumorModel":
        """Raises ArtifactError when a file is missing or altered."""
        ensemble, manifest = Ensemble.load(directory)
        return cls(ensemble, Home.load(directory / HOME_FILE), manifest)

    def score(
        self,
        texts: Sequence[str],
        plain: Sequence[str],
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
    ) -> list[RumorScore]:
        """Scores of `texts`, whose `written` forms are `plain` and n-gram counts `hashed`."""
        chances = self.ensemble.probabilities(hashed, vectors)[:, 0]
        homely = self.home.chances(weighted(hashed, self.ensemble.idf))
        return [
            self._one(text, words, float(chance), float(known))
            for text, words, chance, known in zip(texts, plain, chances, homely, strict=True)
        ]

    def _one(self, text: str, plain: str, chance: float, known: float) -> RumorScore:
        note = self._silence(plain, chance, known)
        towards = 1 if chance >= 0.5 else -1
        ranked = self.ensemble.telling(plain)[::towards]
        terms = [word for word, weight in ranked if weight * towards > 0]
        cues = find_terms(text, aligned(text), terms[:8], 5)
        return RumorScore(round(chance, 4), bool(note), cues, note)

    def _silence(self, plain: str, chance: float, known: float) -> str:
        """Why the score is withheld; empty when it stands."""
        settings = self.manifest.settings
        if len(plain) < SHORT:
            return "文字过短，不足以判断"
        if known < settings["home"]:
            return "文体与训练数据不同，分数不可靠"
        if max(chance, 1 - chance) < settings["sure"]:
            return "把握不足，不作判断"
        return ""
