"""What the classifiers made of a case, out of the JSON kept with it, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifiers.violation import TYPES
from hub.desk import words
from models import Case


@dataclass(frozen=True)
class FindingLine:
    """One type of violation with its law and the words that led to it."""

    label: str
    law: list[str]
    score: float
    cues: list[str]
    source: str


@dataclass(frozen=True)
class FoundCode:
    """A credit code stated in the text."""

    value: str
    valid: bool
    reason: str | None


# The parts of the machine that may have been missing when a text was read.
_PARTS = {
    "rumor": "谣言模型", "theme": "主题模型", "price": "价格模型",
    "vectors": "语句向量", "reader": "主题精读层",
}  # fmt: skip


@dataclass(frozen=True)
class CaseFindings:
    """``rumor`` is None where nothing scored it; ``abstained``: nobody should rely on it."""

    findings: list[FindingLine]
    theme: str | None
    theme_score: float
    rumor: float | None
    abstained: bool
    rumor_note: str
    rumor_cues: list[str]
    urgency: float
    reasons: list[str]
    codes: list[FoundCode]
    entities: list[tuple[str, list[str]]]
    versions: list[tuple[str, str]]
    degraded: list[str]


def of(assessment: dict[str, Any]) -> CaseFindings:
    """The reading of one assessment; absent parts are empty."""
    rumor = assessment.get("rumor") or {}
    theme = assessment.get("theme") or {}
    urgency = assessment.get("urgency") or {}
    entities = assessment.get("entities") or {}
    return CaseFindings(
        findings=[_finding(f) for f in assessment.get("violations") or []],
        theme=theme.get("label"),
        theme_score=float(theme.get("score") or 0.0),
        rumor=rumor.get("score"),
        abstained=bool(rumor.get("abstained", True)),
        rumor_note=rumor.get("note") or "",
        rumor_cues=_cues(rumor),
        urgency=float(urgency.get("score") or 0.0),
        reasons=list(urgency.get("reasons") or []),
        codes=[
            FoundCode(c["value"], bool(c.get("valid")), c.get("reason"))
            for c in entities.get("uscc") or []
        ],
        entities=_entities(entities),
        versions=sorted((assessment.get("versions") or {}).items()),
        degraded=[_PARTS.get(part, part) for part in assessment.get("degraded") or []],
    )


def charges(case: Case) -> list[tuple[str, list[str]]]:
    """(Chinese name, articles) of what the case is held to be: as people named it where they
    did, an officer's word above the machine's, else as rules and models found it."""
    told = case.violation_type
    named = TYPES.get(told.code) if told and told.by_people else None
    if named:
        return [(named.label, list(named.law))]
    return [(f["label"], list(f.get("law") or [])) for f in case.assessment.get("violations") or []]


def laws(case: Case) -> list[str]:
    """The articles its charges rest on."""
    return list(dict.fromkeys(law for _, articles in charges(case) for law in articles))


def _finding(finding: dict[str, Any]) -> FindingLine:
    return FindingLine(
        label=finding["label"],
        law=list(finding.get("law") or []),
        score=float(finding.get("score") or 0.0),
        cues=_cues(finding),
        source=finding.get("source") or "",
    )


def _cues(part: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(cue["text"] for cue in part.get("cues") or []))


def _entities(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """(Chinese name, distinct values) of each kind of fact that was found; codes stand apart."""
    shown = []
    for name, label in words.ENTITIES.items():
        spans = found.get(name) or []
        spans = [spans] if isinstance(spans, dict) else spans
        values = dict.fromkeys(_value(name, span) for span in spans)
        if values and name != "uscc":
            shown.append((label, list(values)))
    return shown


def _value(name: str, span: dict[str, Any]) -> str:
    """Articles and dates by their normal form, everything else in the reporter's words."""
    own = span.get("value") if name in ("articles", "dates") else None
    return str(own or span.get("text") or "")
