"""What a case is about: a type of violation or a theme as one value, with who says so.

This module alone decides whose word holds: an officer's above a rule's or model's, theirs above
the reason that a reporter chose, and that above nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNSPECIFIED = "unspecified"


class TypeSource(StrEnum):
    """Who names a type, the weightiest last."""

    REPORTER = "reporter"
    MODEL = "model"
    RULE = "rule"
    OFFICER = "officer"


# A rule and a model weigh the same: their scores decide between them.
_WEIGHT = {
    None: 0,
    TypeSource.REPORTER: 1,
    TypeSource.MODEL: 2,
    TypeSource.RULE: 2,
    TypeSource.OFFICER: 3,
}


@dataclass(frozen=True)
class CaseType:
    """A code of the catalogue of violations or themes.

    Without a `source` nobody says so: the type is open, or what showed it was read again and no
    longer does. Only rules and models give a `score`.
    """

    code: str
    source: TypeSource | None = None
    score: float | None = None

    @property
    def specified(self) -> bool:
        """Whether it is a type of the catalogue."""
        return self.code != UNSPECIFIED

    @property
    def by_people(self) -> bool:
        """Whether a reporter or an officer named it, and neither rule nor model."""
        return self.source in (TypeSource.REPORTER, TypeSource.OFFICER)

    def outranks(self, other: CaseType) -> bool:
        """Whether its source's word goes before that of `other`."""
        return _WEIGHT[self.source] > _WEIGHT[other.source]


def findings(assessment: Mapping[str, Any]) -> list[CaseType]:
    """The types of violation that rules and models found in a text, as they found them."""
    return [_found(each) for each in assessment.get("violations") or []]


def strongest(assessment: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The finding with the highest score, whole."""
    return max(assessment.get("violations") or [], key=lambda f: f["score"], default=None)


def of_report(assessment: Mapping[str, Any], chosen: str | None) -> CaseType:
    """The type of violation a report is about: what its words show, as the articles rest on
    them, else the type its reporter's reason names (`chosen`), else none."""
    if (best := strongest(assessment)) is not None:
        return _found(best)
    return CaseType(chosen, TypeSource.REPORTER) if chosen else CaseType(UNSPECIFIED)


def theme_of(assessment: Mapping[str, Any]) -> CaseType | None:
    """The theme that the model gives a text."""
    theme = assessment.get("theme") or {}
    if not theme.get("code"):
        return None
    return CaseType(theme["code"], TypeSource.MODEL, theme.get("score"))


def reread(kept: CaseType | None, assessment: Mapping[str, Any]) -> CaseType | None:
    """A case's type of violation, now that the case reads as another text: the type stays, as
    the case collects reports of it, and the text says who names it and how surely."""
    if kept is None or kept.source is TypeSource.OFFICER:
        return kept
    for each in findings(assessment):
        if each.code == kept.code:
            return each
    return kept if kept.by_people else CaseType(kept.code)


def reread_theme(kept: CaseType | None, assessment: Mapping[str, Any]) -> CaseType | None:
    """A case's theme, now that the case reads as another text: the text's, unless an officer
    named one."""
    if kept is not None and kept.source is TypeSource.OFFICER:
        return kept
    return theme_of(assessment)


def _found(finding: Mapping[str, Any]) -> CaseType:
    by_rule = (finding.get("source") or "").startswith("rule:")
    source = TypeSource.RULE if by_rule else TypeSource.MODEL
    return CaseType(finding["type"], source, finding.get("score"))
