"""What the classifiers found in a case, from its stored JSON, in a form for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifiers.violation import TYPES
from hub.desk import words
from models import Case


@dataclass(frozen=True)
class FindingLine:
    """One type of violation with its law and the words that triggered it."""

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


# Models that may have been unavailable when a text was assessed.
_PARTS = {
    "rumor": "谣言模型", "theme": "主题模型", "price": "价格模型",
    "vectors": "语句向量", "reader": "主题精读层",
}  # fmt: skip


@dataclass(frozen=True)
class CaseFindings:
    """``rumor`` is None where no model scored it; ``abstained``: the score is not reliable."""

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
    """The findings of one assessment; missing parts are empty."""
    rumor, theme = _part(assessment, "rumor"), _part(assessment, "theme")
    urgency, entities = _part(assessment, "urgency"), _part(assessment, "entities")
    return CaseFindings(
        findings=[_finding(f) for f in _items(assessment, "violations")],
        theme=theme.get("label"),
        theme_score=_score(theme),
        rumor=rumor.get("score"),
        abstained=bool(rumor.get("abstained", True)),
        rumor_note=rumor.get("note") or "",
        rumor_cues=_cues(rumor),
        urgency=_score(urgency),
        reasons=_items(urgency, "reasons"),
        codes=[_code(each) for each in _items(entities, "uscc")],
        entities=_entities(entities),
        versions=sorted(_part(assessment, "versions").items()),
        degraded=[_PARTS.get(part, part) for part in _items(assessment, "degraded")],
    )


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    return found.get(name) or {}


def _items(found: dict[str, Any], name: str) -> list[Any]:
    return list(found.get(name) or [])


def _score(part: dict[str, Any]) -> float:
    return float(part.get("score") or 0.0)


def _code(found: dict[str, Any]) -> FoundCode:
    return FoundCode(found["value"], bool(found.get("valid")), found.get("reason"))


def charges(case: Case) -> list[tuple[str, list[str]]]:
    """(Chinese name, articles) of what the case is held to be: as people named it where they
    did, an officer's word above the machine's, else as rules and models found it."""
    told = case.violation_type
    named = TYPES.get(told.code) if told and told.by_people else None
    if named:
        return [(named.label, list(named.law))]
    return [(f["label"], _items(f, "law")) for f in _items(case.assessment, "violations")]


def laws(case: Case) -> list[str]:
    """The articles of law its charges rest on."""
    return list(dict.fromkeys(law for _, articles in charges(case) for law in articles))


def _finding(finding: dict[str, Any]) -> FindingLine:
    return FindingLine(
        label=finding["label"],
        law=_items(finding, "law"),
        score=_score(finding),
        cues=_cues(finding),
        source=finding.get("source") or "",
    )


def _cues(part: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(cue["text"] for cue in _items(part, "cues")))


def _entities(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """(Chinese name, distinct values) of each kind of entity found, except credit codes."""
    shown = []
    for name, label in words.ENTITIES.items():
        spans = found.get(name) or []
        spans = [spans] if isinstance(spans, dict) else spans
        values = dict.fromkeys(_value(name, span) for span in spans)
        if values and name != "uscc":
            shown.append((label, list(values)))
    return shown


def _value(name: str, span: dict[str, Any]) -> str:
    """Articles and dates in canonical form, everything else as the reporter wrote it."""
    own = span.get("value") if name in ("articles", "dates") else None
    return str(own or span.get("text") or "")
