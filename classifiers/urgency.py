"""How soon a person should look at a report, and why, from its words alone.

The queue multiplies this by how far a claim has spread, so that a serious report with one
copy and a mild one with three hundred both surface in time. The signals are in
`urgency.toml`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classifiers.violation import Finding

SIGNALS_FILE = Path(__file__).with_name("urgency.toml")


@dataclass(frozen=True)
class Urgency:
    """`score` 0..1 and the reasons for it in Chinese, heaviest first."""

    score: float
    reasons: list[str]


@dataclass(frozen=True)
class _Signal:
    reason: str
    weight: float
    pattern: re.Pattern[str]


@cache
def _load() -> tuple[tuple[_Signal, ...], Mapping[str, float]]:
    source = tomllib.loads(SIGNALS_FILE.read_text(encoding="utf-8"))
    signals = tuple(
        _Signal(entry["reason"], entry["weight"], re.compile(entry["pattern"]))
        for entry in source["signal"]
    )
    return signals, source["findings"]


_OFFICIAL = re.compile(r"辟谣|不实信息|系谣言|官方通报|已(?:被)?(?:抓获|控制|处罚|查处)")
_SETTLED = 0.5  # factor where the text itself says that the matter is handled


def weigh(view: str, findings: Sequence[Finding]) -> Urgency:
    """Urgency of a text (its aligned `view`) with these findings.

    Signals combine as independent probabilities, 1 - product(1 - weight), so that the score
    stays below 1 and grows with every further reason.
    """
    signals, grave = _load()
    reasons = [(s.weight, s.reason) for s in signals if s.pattern.search(view)]
    reasons += [(grave[f.type] * f.score, f"疑似{f.label}") for f in findings if f.type in grave]
    calm = 1.0
    for weight, _ in reasons:
        calm *= 1 - weight
    score = 1 - calm
    if reasons and _OFFICIAL.search(view):
        score *= _SETTLED
        reasons.append((0.0, "文中已有官方处置或辟谣"))
    reasons.sort(key=lambda pair: -pair[0])
    return Urgency(round(score, 3), [reason for _, reason in reasons])
