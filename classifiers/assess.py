"""The assessment of a text by all classifiers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp

from classifiers import rules, stance, urgency
from classifiers.encoder import Encoder, means
from classifiers.ensemble import counts, written
from classifiers.entities import Entities, extract
from classifiers.explain import aligned
from classifiers.fold import fold
from classifiers.normalize import normalize
from classifiers.price import PriceModel
from classifiers.reader import TopicReader
from classifiers.registry import ARTIFACTS, ArtifactError
from classifiers.rumor import RumorModel, RumorScore, without_score
from classifiers.stance import Stance
from classifiers.theme import Labelled, ThemeModel
from classifiers.urgency import Urgency
from classifiers.violation import Finding, strongest

BY_RULES = "rules"
NOTHING_WRITTEN = "没有可供判断的文字"
_NO_MODEL = "谣言模型未装载或校验未通过"
_Model = TypeVar("_Model", RumorModel, ThemeModel, PriceModel)


@dataclass(frozen=True)
class Assessment:
    """The assessment of one text. Positions refer to the text as passed in.

    `degraded` names the parts whose trained file was missing or altered; rules replace them.
    """

    violations: list[Finding]
    theme: Labelled | None
    rumor: RumorScore
    stance: Stance
    urgency: Urgency
    entities: Entities
    versions: dict[str, str] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return asdict(self)


@dataclass(frozen=True)
class Assessor:
    """The loaded classifiers. Keep one per process: loading takes a second, a text a millisecond.

    `versions` names each part's trained file, or 'rules' where none can be trusted. Vectors are
    used only if `same_encoder`: if they come from the encoder that the models were trained with.
    """

    rumor: RumorModel | None
    theme: ThemeModel | None
    price: PriceModel | None
    encoder: Encoder | None = None
    same_encoder: bool = False
    reader: TopicReader | None = None
    versions: dict[str, str] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def load(
        cls,
        encoder: Encoder | None = None,
        artifacts: Path = ARTIFACTS,
        promoted: Mapping[str, Path] | None = None,
    ) -> "Assessor":
        """Load every trained file; one that fails its hash is left out and named in `degraded`.

        `promoted` maps a part to the directory that replaces the shipped one; where that fails
        its hash, the shipped one is used and the part is named in `refused`.

        Rumor and theme use sentence vectors only from the encoder they were trained with; with
        another, or none, they use their n-gram views alone.
        """
        versions = {BY_RULES: rules.load_rules()[0], "stance": stance.version()}
        degraded: list[str] = []

        refused: list[str] = []

        def trusted(name: str, load: Callable[[Path], _Model]) -> _Model | None:
            own = promoted.get(name) if promoted else None
            for place in filter(None, (own, artifacts / name)):
                try:
                    model = load(place)
                except ArtifactError:
                    if place is own:
                        refused.append(name)
                    continue
                versions[name] = model.manifest.version
                return model
            versions[name] = BY_RULES
            degraded.append(name)
            return None

        parts = (
            trusted("rumor", RumorModel.load),
            trusted("theme", ThemeModel.load),
            trusted("price", PriceModel.load),
        )
        if encoder is None:
            return cls(*parts, versions=versions, degraded=degraded, refused=refused)
        versions["encoder"] = encoder.version
        read = [model.ensemble.reads(encoder) for model in parts[:2] if model is not None]
        if not all(read):
            degraded.append("vectors")
        same = bool(read) and all(read)
        return cls(
            *parts, encoder, same, _reader(artifacts, versions, degraded) if same else None,
            versions, degraded, refused,
        )  # fmt: skip

    def assess(
        self,
        texts: Sequence[str],
        vectors: np.ndarray | None = None,
        middles: Sequence[np.ndarray] = (),
    ) -> list[Assessment]:
        """Assess texts together.

        `vectors` (n, dim) and `middles` (of each text (tokens, m); no rows where not
        known) are the encoder's states of the same texts normalized; without vectors the texts
        are encoded here, if the assessor was loaded with an encoder.
        """
        if not texts:
            return []
        normalized = [normalize(text) for text in texts]
        if self.encoder is None or not self.same_encoder:
            vectors, middles = None, ()
        elif vectors is None:
            vectors, middles = self.encoder.states(normalized)
        views = [aligned(text) for text in texts]
        plain = [written(text) for text in texts]
        hashed = counts(plain)
        rumors = self._rumors(texts, plain, hashed, vectors, middles)
        themes = self._themes(views, hashed, vectors, middles)
        priced = self._prices(texts, normalized)
        columns = (texts, normalized, views, priced, rumors, themes)
        return [self._one(*row) for row in zip(*columns, strict=True)]

    def _one(
        self,
        text: str,
        normalized: str,
        view: str,
        priced: list[Finding],
        rumor: RumorScore,
        theme: Labelled | None,
    ) -> Assessment:
        if not normalized:
            rumor, theme = without_score(NOTHING_WRITTEN), None
        violations = strongest([*rules.judge(fold(text)), *priced])
        return Assessment(
            violations=violations,
            theme=theme,
            rumor=rumor,
            stance=stance.stance(text),
            urgency=urgency.weigh(view, violations),
            entities=extract(text),
            versions=dict(self.versions),
            degraded=list(self.degraded),
        )

    def _prices(self, texts: Sequence[str], normalized: Sequence[str]) -> list[list[Finding]]:
        if self.price is None:
            return [[]] * len(texts)
        return self.price.judge(texts, normalized)

    def _rumors(
        self,
        texts: Sequence[str],
        plain: Sequence[str],
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
        middles: Sequence[np.ndarray],
    ) -> list[RumorScore]:
        if self.rumor is None:
            return [without_score(_NO_MODEL)] * len(texts)
        mean = means(middles) if middles else None
        return self.rumor.score(texts, plain, hashed, vectors, mean)

    def _themes(
        self,
        views: Sequence[str],
        hashed: sp.csr_matrix,
        vectors: np.ndarray | None,
        middles: Sequence[np.ndarray],
    ) -> Sequence[Labelled | None]:
        if self.theme is None:
            return [None] * len(views)
        return self.theme.label(views, hashed, vectors, self.reader, middles)


def _reader(artifacts: Path, versions: dict[str, str], degraded: list[str]) -> TopicReader | None:
    """The topic reader; None: the other views are used without it."""
    try:
        reader = TopicReader.load(artifacts / "reader")
    except ArtifactError:
        degraded.append("reader")
        return None
    versions["reader"] = reader.manifest.version
    return reader
