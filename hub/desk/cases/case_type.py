"""What a case is about, and who says so: a rule or model with its score, the reporters by the
reason they chose, or an officer."""

from __future__ import annotations

from dataclasses import dataclass

from hub.desk import words
from models import Case, CaseType, case_type
from models.case_type import UNSPECIFIED


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
    found = [_violation(each) for each in case_type.findings(case.assessment)]
    if case.kind == "violation":
        own = _violation(case.violation_type or CaseType(UNSPECIFIED))
        return [own, *(each for each in found if each.label != own.label)]
    theme = case.theme_type
    named = [_about(words.TOPICS.get(theme.code, theme.code), theme)] if theme else []
    return [*named, *found] or [About("主题未定")]


def _violation(told: CaseType) -> About:
    return _about(words.violation(told.code), told)


def _about(label: str, told: CaseType) -> About:
    if told.source is None:
        return About(label)
    by = words.TYPE_SOURCES[told.source]
    if told.by_people:
        return About(label, by)
    sure = f"{told.score or 0:.2f}"
    return About(label, sure, f"{by} {sure}")
