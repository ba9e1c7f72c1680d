"""What a case is about, and who says so: a rule or model with its score, the reporters by the
reason they chose, or an officer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.desk import words
from models import Case


@dataclass(frozen=True)
class About:
    """One type or theme by its Chinese name. `sure` is the score of the rule or model that says
    so, or which people do; `why` says it in full. Both are empty where nobody knows yet."""

    label: str
    sure: str = ""
    why: str = ""

    def __str__(self) -> str:
        return self.label


def of(case: Case) -> list[About]:
    """Its type of violation, or its theme, then whatever else was found in its text."""
    found = [_found(f) for f in case.assessment.get("violations") or []]
    if case.kind == "violation":
        own = _violation(case, found)
        return [own, *(each for each in found if each.label != own.label)]
    return [theme, *found] if (theme := _theme(case)) else found or [About("主题未定")]


def _found(finding: Mapping[str, Any]) -> About:
    by_rule = (finding.get("source") or "").startswith("rule:")
    return _scored(
        finding["label"], finding.get("score"), "规则，强度" if by_rule else "模型，把握"
    )


def _scored(label: str, score: float | None, by: str) -> About:
    sure = f"{score or 0:.2f}"
    return About(label, sure, f"{by} {sure}")


def _violation(case: Case, found: list[About]) -> About:
    label = words.violation(case.violation)
    if case.violation_by:
        return About(label, words.SAID_BY[case.violation_by])
    return next((each for each in found if each.label == label), About(label))


def _theme(case: Case) -> About | None:
    said = case.assessment.get("theme") or {}
    if said.get("label") and said.get("code") == case.theme:
        return _scored(said["label"], said.get("score"), "模型，把握")
    label = words.TOPICS.get(case.theme or "")
    return About(label, words.SAID_BY["officer"]) if label else None
