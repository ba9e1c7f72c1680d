"""The theme of a rumor: nine topics, shown as the debunking platforms' themes.

The model predicts the nine topics of Weibo21. Officers see the themes of piyao.org.cn and 12377,
which are finer in places (food within health, public order within society), so the words of the
text choose among a topic's themes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.special import softmax

from classifiers.ensemble import Ensemble
from classifiers.reader import TopicReader
from classifiers.registry import ARTIFACTS, Manifest
from classifiers.topics import TOPICS as TOPICS

DIRECTORY = ARTIFACTS / "theme"
# Weight of the reader's log-probabilities. From .2 to .5 the figures hardly differ; a fixed weight
# needs no out-of-fold readers to be fitted on.
READER_SHARE = 0.3
# From this probability on the reader changes nothing, and its cost is saved.
SURE = 0.8


@dataclass(frozen=True)
class Labelled:
    """A class with its Chinese label and the model's probability of it."""

    code: str
    label: str
    score: float


# Theme shown for a topic: the first whose words occur, else the last.
_THEMES: dict[str, tuple[tuple[str, str], ...]] = {
    "society": (
        ("社会治安", r"警|抓获|嫌疑|杀|抢劫|抢孩|拐|绑架|诈骗|打架|持刀|枪|偷|强奸|吸毒|人贩"),
        ("公共政策", r"新规|政策|规定|条例|补贴|养老金|社保|公积金|户口"),
        ("民生", ""),
    ),
    "culture": (("民生", ""),),
    "finance": (("财经", ""),),
    "health": (
        ("食品安全", r"食品|食物|吃|喝|饮|水果|蔬菜|肉|奶|米|油|添加剂|餐|毒大米|转基因"),
        ("医疗健康", ""),
    ),
    "disaster": (
        ("灾害", r"地震|洪|台风|暴雨|泥石流|滑坡|海啸|山火|雪灾|干旱|龙卷风|余震|决堤|溃坝"),
        ("突发事件", ""),
    ),
    "politics": (
        ("公共政策", r"政策|新规|规定|条例|改革|税|补贴|户籍|退休|生育"),
        ("军事政治", ""),
    ),
    "education": (("公共政策", r"高考|新规|政策|教育部|规定|改革"), ("民生", "")),
    "military": (("军事政治", ""),),
    "science": (("科技", ""),),
}
_COMPILED = {
    topic: [(theme, re.compile(pattern)) for theme, pattern in themes]
    for topic, themes in _THEMES.items()
}


def theme_of(topic: str, view: str) -> str:
    """The debunking platforms' theme for a text of this topic, by the words of its view."""
    return next(theme for theme, pattern in _COMPILED[topic] if pattern.search(view))


def with_reader(chances: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Probabilities (n, k) combined with the reader's log-probabilities (n, k) of the same topics:
    the weighted geometric mean. Rows of NaN are left unchanged."""
    whole, known = chances.copy(), ~np.isnan(read).any(1)
    odds = (1 - READER_SHARE) * np.log(chances[known]) + READER_SHARE * read[known]
    whole[known] = softmax(odds, axis=1)
    return whole


@dataclass(frozen=True)
class ThemeModel:
    """The nine-way ensemble, combined with the topic reader."""

    ensemble: Ensemble
    manifest: Manifest

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "ThemeModel":
        """Raises ArtifactError when a file is missing or altered."""
        return cls(*Ensemble.load(directory))

    def chances(
        self,
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
        reader: TopicReader | None = None,
        middles: Sequence[np.ndarray] = (),
    ) -> np.ndarray:
        """(n, k) chances of the topics this model knows, `manifest.labels`. Texts that the views
        are not SURE of are read by the reader, those that have states of the encoder's middle."""
        chances = self.ensemble.probabilities(hashed, vectors)
        if reader is None or not middles:
            return chances
        known = [list(TOPICS).index(label) for label in self.manifest.labels]
        unsure = np.flatnonzero(chances.max(1) < SURE)
        read = reader.read([middles[row] for row in unsure.tolist()])[:, known]
        chances[unsure] = with_reader(chances[unsure], read)
        return chances

    def label(
        self,
        views: Sequence[str],
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
        reader: TopicReader | None = None,
        middles: Sequence[np.ndarray] = (),
    ) -> list[Labelled]:
        """Topic and shown theme of texts with these aligned views and `chances`."""
        chances = self.chances(hashed, vectors, reader, middles)
        best = chances.argmax(1)
        topics = [self.manifest.labels[column] for column in best]
        return [
            Labelled(topic, theme_of(topic, view), round(float(row[column]), 4))
            for topic, view, row, column in zip(topics, views, chances, best, strict=True)
        ]
