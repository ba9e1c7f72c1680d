"""How likely a post is a rumor, by the way it is written: a hint, never a verdict.

Models of style do not travel: one that is right nine times in ten on Weibo is no better than
chance on short video. So the score is calibrated, and withheld where the model is unsure or
the text is unlike what it learned from.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

from classifiers.ensemble import Ensemble
from classifiers.explain import Cue, aligned, find_terms
from classifiers.registry import ARTIFACTS, ArtifactError, Manifest

DIRECTORY = ARTIFACTS / "rumor"
HOME_FILE = "home.safetensors"
SHORT = 15  # characters; nothing can be told from less
LONG = 60  # characters; below, a post is hard to tell from a title of some other place
FOREIGN = "来源与训练数据不同，不评分"
# What a post carries from the kind of place the model learned from: a headline in brackets, a
# link, a drawn face, a label of the page.
_HOME_MARK = re.compile(
    r"【|t\.cn|https?:|网页链接|展开全文|(?:微博|秒拍)视频|\[[\u4e00-\u9fffa-z]{1,4}\]|//@|转发微博|分享自"
)
_CLOSED_TOPIC = re.compile(r"#[^#\n]{0,39}[^#\s]#")


def bears_mark(text: str) -> bool:
    """Whether the raw `text` shows that it came from where the model learned."""
    return bool(_HOME_MARK.search(text))


def open_topic(text: str) -> bool:
    """Whether a #topic is left open, as short-video platforms write it; at home it is closed."""
    return "#" in _CLOSED_TOPIC.sub("", text.replace("＃", "#"))


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
    """Whether a text is of the kind the model learned from: (F + 2,) weights over TF-IDF rows
    and `lengths`.

    Learned as Weibo posts against news titles, checked claims, sentences and complaints.
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

    def chances(self, rows: sp.csr_matrix, plain: Sequence[str]) -> np.ndarray:
        """(n,) chance that each text is of the known kind; rows are weighted by the model's idf."""
        long = lengths(plain) @ self.weight[-2:]
        chances: np.ndarray = expit(rows @ self.weight[:-2] + long + self.bias)
        return chances


def lengths(plain: Sequence[str]) -> np.ndarray:
    """(n, 2): the logarithm of the length, and the length up to LONG, both about 0 to 1."""
    n = np.array([len(text) for text in plain], np.float32)
    found: np.ndarray = np.c_[np.log1p(np.minimum(n, 150)) / 5, np.minimum(n, LONG) / LONG]
    return found


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
        middles: np.ndarray | None = None,
    ) -> list[RumorScore]:
        """Scores of `texts`, whose `written` forms are `plain` and n-gram counts `hashed`."""
        chances = self.ensemble.probabilities(hashed, vectors, middles)[:, 0]
        homely = self.home.chances(self.ensemble.rows(hashed), plain)
        return [
            self._one(text, words, float(chance), float(known))
            for text, words, chance, known in zip(texts, plain, chances, homely, strict=True)
        ]

    def _one(self, text: str, plain: str, chance: float, known: float) -> RumorScore:
        note = self._silence(text, plain, chance, known)
        towards = 1 if chance >= 0.5 else -1
        ranked = self.ensemble.telling(plain)[::towards]
        terms = [word for word, weight in ranked if weight * towards > 0]
        cues = find_terms(text, aligned(text), terms[:8], 5)
        return RumorScore(round(chance, 4), bool(note), cues, note)

    def _silence(self, text: str, plain: str, chance: float, known: float) -> str:
        """Why the score is withheld; empty when it stands."""
        settings = self.manifest.settings
        if len(plain) < SHORT:
            return "文字过短，不足以判断"
        if foreign(text, plain, known, settings):
            return FOREIGN
        if max(chance, 1 - chance) < settings["sure"]:
            return "把握不足，不作判断"
        return ""


def foreign(text: str, plain: str, known: float, settings: Mapping[str, Any]) -> bool:
    """Whether the text is unlike the training source; `known` is Home's chance of it.

    A short text without a mark of that source must look the more like it.
    """
    bound = "home" if len(plain) >= LONG or bears_mark(text) else "home_short"
    return open_topic(text) or known < settings[bound]
