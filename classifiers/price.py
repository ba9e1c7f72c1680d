"""Which of the four common price violations a case is, learned from decided cases.

TF-IDF of character and word n-grams together with hand-written cues: how often words of each type
occur and which rules fire. Decisions cite their facts at length, so the cues are strong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from classifiers import registry, rules
from classifiers.explain import Cue, aligned, cue
from classifiers.fold import as_is
from classifiers.registry import ARTIFACTS, ArtifactError, Manifest
from classifiers.violation import PRICE_CASE_TYPES, Finding, finding

DIRECTORY = ARTIFACTS / "price"
FILE = "model.skops"
TRUSTED = ("classifiers.price.cue_features", "classifiers.segment.words")

# The types with enough decided cases to learn from, by the cases' own names.
LEARNED = ("不明码标价", "政府定价违规", "标价外加价", "误导性价格标示")
CODES = tuple(PRICE_CASE_TYPES[name] for name in LEARNED)

_CUES = {
    "no_clear_price": r"明码标价|标明价格|标价签|价签|价目表|价格公示|公示收费|未标[明示注]|不标明"
    r"|标示价格|价格标签",
    "government_price": r"政府(?:指导|定)价|定价目录|医疗服务(?:价格)?项目|基本医疗|物价|发改|核定"
    r"|收费标准|规定标准|超标准|阶梯|转供电|电价|水价|供水|国网|指导价|医保",
    "extra_charge": r"标价之外|标价外|加价出售|未(?:予)?标明的费用|多收|抹零|四舍五入|多付|小票"
    r"|实收|结算价|实际收取|餐具费|取整",
    "price_fraud": r"原价|划线|折扣|促销|虚构|误导|诱骗|优惠|打折|特价|价格比较|被比较|欺诈"
    r"|限时|秒杀|网店|直播",
}
_PATTERNS = {code: re.compile(pattern) for code, pattern in _CUES.items()}
_RULE_TYPES = (*CODES, "disguised_price_rise", "counterfeit")
MOST = 5  # occurrences of a word beyond this add nothing
CUE_WEIGHT = 0.4  # relative to n-gram rows of unit length; chosen by cross-validation


def cue_features(texts: Sequence[str]) -> np.ndarray:
    """(n, 10): damped counts of each type's words, then which types' rules fire."""
    table = np.zeros((len(texts), len(CODES) + len(_RULE_TYPES)))
    for row, text in zip(table, texts, strict=True):
        for column, code in enumerate(CODES):
            row[column] = np.log1p(min(len(_PATTERNS[code].findall(text)), MOST))
        for found in rules.judge(as_is(text)):
            if found.type in _RULE_TYPES:
                row[len(CODES) + _RULE_TYPES.index(found.type)] = 1
    return table * CUE_WEIGHT


@dataclass(frozen=True)
class PriceModel:
    """The shipped pipeline: normalized texts to probabilities of `CODES`."""

    pipeline: Any
    manifest: Manifest

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "PriceModel":
        """Raises ArtifactError when a file is missing, altered or has other types."""
        manifest = registry.verified(directory)
        if tuple(manifest.labels) != CODES:
            raise ArtifactError(f"{directory}: trained for other types than this program knows")
        pipeline = registry.load_skops(directory / FILE, TRUSTED)
        # scipy multiplies by the transpose, and copies it every time unless it lies in rows.
        pipeline[-1].coef_ = np.asfortranarray(pipeline[-1].coef_)
        return cls(pipeline, manifest)

    def probabilities(self, normalized: Sequence[str]) -> np.ndarray:
        """(n, 4) in the order of `CODES`, given that a text is one of these violations."""
        # Validating the parameters again costs as much as the arithmetic for a single text.
        with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
            logits = self.pipeline.decision_function(list(normalized))
        logits = logits / self.manifest.settings["temperature"]
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        chances: np.ndarray = shifted / shifted.sum(1, keepdims=True)
        return chances

    def judge(self, texts: Sequence[str], normalized: Sequence[str]) -> list[list[Finding]]:
        """At most one finding per text, and only if the text contains words of that type.

        The model was trained on price cases only, so texts without price words are skipped, and
        uncertain ones are left to the rules.
        """
        found: list[list[Finding]] = [[] for _ in texts]
        asked = [i for i, text in enumerate(normalized) if _about_prices(text)]
        if asked:
            for i, row in zip(
                asked, self.probabilities([normalized[i] for i in asked]), strict=True
            ):
                found[i] = self._finding(texts[i], row)
        return found

    def _finding(self, text: str, chances: np.ndarray) -> list[Finding]:
        best = int(chances.argmax())
        cues = words_of(CODES[best], text)
        if chances[best] < self.manifest.settings["sure"] or len(cues) < 2:
            return []
        source = f"model:price@{self.manifest.version.removeprefix('price-')}"
        return [finding(CODES[best], chances[best], cues, source)]


def _about_prices(normalized: str) -> bool:
    """Whether some price type's words occur; a finding needs two of its own type's."""
    return any(len(set(pattern.findall(normalized))) > 1 for pattern in _PATTERNS.values())


def words_of(code: str, text: str, most: int = 6) -> list[Cue]:
    """The words of a price type in a text, each once."""
    found: dict[str, Cue] = {}
    for match in _PATTERNS[code].finditer(aligned(text)):
        found.setdefault(match[0], cue(text, *match.span()))
    return list(found.values())[:most]
