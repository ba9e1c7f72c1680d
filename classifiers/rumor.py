"""The rumor score: how likely a post is a rumor, by its style: a hint, never a verdict.

Models of style do not generalise: one that is right nine times in ten on Weibo is no better than
chance on short video. So the score is calibrated, and withheld where the model is uncertain or the
text is unlike its training data.
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
SHORT = 15  # characters; fewer are not scored
LONG = 60  # characters; a shorter post is hard to distinguish from a title of another source
FOREIGN = "来源与训练数据不同，不评分"
# Marks of the training source in a post: a headline in brackets, a link, an emoticon, a label of
# the page.
_HOME_MARK = re.compile(
    r"【|t\.cn|https?:|网页链接|展开全文|(?:微博|秒拍)视频|\[[\u4e00-\u9fffa-z]{1,4}\]|//@|转发微博|分享自"
)
_CLOSED_TOPIC = re.compile(r"#[^#\n]{0,39}[^#\s]#")


def has_source_mark(text: str) -> bool:
    """Whether the raw `text` has a mark of the training source."""
    return bool(_HOME_MARK.search(text))


def has_open_topic(text: str) -> bool:
    """Whether a #topic is left open, as on short-video platforms; Weibo closes it."""
    return "#" in _CLOSED_TOPIC.sub("", text.replace("＃", "#"))


@dataclass(frozen=True)
class RumorScore:
    """Calibrated probability that the text is a rumor, or None when it could not be scored.

    `abstained`: the score is not reliable; `note` says why, in Chinese. `cues` are the words
    with the greatest weight towards the predicted class.
    """

    score: float | None
    abstained: bool
    cues: list[Cue] = field(default_factory=list)
    note: str = ""


def without_score(note: str) -> RumorScore:
    """No score at all, because of `note`."""
    return RumorScore(None, True, [], note)


@dataclass(frozen=True)
class Home:
    """Whether a text resembles the training source: (F + 2,) weights over TF-IDF rows and
    `lengths`.

    Trained as Weibo posts against news titles, checked claims, sentences and complaints.
    """

    weight: np.ndarray
    bias: float

    @classmethod
    def load(cls, path: Path) -> "Home":
        """Raises ArtifactError when the file has another layout."""
        from safetensors.numpy import load_file

        try:
            arrays = load_file(path)
            return cls(arrays["weight"].astype(np.float32), float(arrays["bias"][0]))
        except Exception as error:  # an intact file may have another layout
            raise ArtifactError(f"{path}: {error}") from error

    def save(self, path: Path) -> None:
        """Write the weights as half floats."""
        from safetensors.numpy import save_file

        bias = np.array([self.bias], np.float32)
        save_file({"weight": self.weight.astype(np.float16), "bias": bias}, path)

    def chances(self, rows: sp.csr_matrix, plain: Sequence[str]) -> np.ndarray:
        """(n,) probability that each text is of that source; rows are weighted by the model's
        idf."""
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
    """The shipped ensemble with the bounds outside which it abstains."""

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
        ranked = self.ensemble.term_weights(plain)[::towards]
        terms = [word for word, weight in ranked if weight * towards > 0]
        cues = find_terms(text, aligned(text), terms[:8], 5)
        return RumorScore(round(chance, 4), bool(note), cues, note)

    def _silence(self, text: str, plain: str, chance: float, known: float) -> str:
        """Why the score is withheld; empty if it is not."""
        settings = self.manifest.settings
        if len(plain) < SHORT:
            return "文字过短，不足以判断"
        if is_unlike_source(text, plain, known, settings):
            return FOREIGN
        if max(chance, 1 - chance) < settings["sure"]:
            return "把握不足，不作判断"
        return ""


def is_unlike_source(text: str, plain: str, known: float, settings: Mapping[str, Any]) -> bool:
    """Whether the text is unlike the training source; `known` is Home's probability.

    A short text without a mark of that source needs a higher probability.
    """
    bound = "home" if len(plain) >= LONG or has_source_mark(text) else "home_short"
    return has_open_topic(text) or known < settings[bound]
