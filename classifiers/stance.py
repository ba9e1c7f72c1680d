"""The stance of a text towards the claim it repeats: asserts, denies, or asks whether it is true.

A post that debunks a rumor is similar to it by every measure without being the rumor; the stance
distinguishes the two. Hand-written rules (`stance.toml`), not a model: denials are formulaic, and
no labelled Chinese data set has a licence that lets a model ship.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from classifiers import registry
from classifiers.explain import Cue, aligned, cue, merge

RULES_FILE = Path(__file__).with_name("stance.toml")
ENOUGH = 0.6  # from here on cues outweigh the presumption that a reported text asserts
READ = 2_000  # characters; a later denial is at most quoted
_QUOTED = re.compile(r"“[^”\n]{1,200}”|「[^」\n]{1,200}」|『[^』\n]{1,200}』|\"[^\"\n]{1,200}\"")

Position = Literal["asserts", "denies", "asks"]


@dataclass(frozen=True)
class Stance:
    """`score` 0..1 is the rules' own strength for `stance`, not calibrated; `cues` in the text
    as passed in. A text without any cue asserts, with score 1 and no cues."""

    stance: Position
    score: float
    cues: list[Cue] = field(default_factory=list)


@dataclass(frozen=True)
class _Rule:
    stance: Position
    weight: float
    pattern: re.Pattern[str]


@cache
def _load() -> tuple[tuple[_Rule, ...], dict[str, re.Pattern[str]]]:
    source = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    lists = source["lists"]

    def expanded(pattern: str) -> str:
        return re.sub(r"<([a-z]+)>", lambda name: f"(?:{lists[name[1]]})", pattern)

    rules = tuple(
        _Rule(entry["stance"], entry["weight"], re.compile("|".join(map(expanded, each))))
        for entry in source["cue"]
        for each in [entry["patterns"]]
    )
    return rules, {name: re.compile(expanded(p)) for name, p in source["guards"].items()}


@cache
def version() -> str:
    """Changes with every rule: "stance-" and eight hex digits of the rules' file."""
    return f"stance-{registry.sha256_file(RULES_FILE)[:8]}"


def stance(text: str) -> Stance:
    """The stance of one raw text.

    Denial takes precedence where both are explicit: "求证……官方回应：不实" denies.
    """
    view = aligned(text[:READ])
    found: dict[Position, list[Cue]] = {"denies": [], "asks": []}
    doubt: dict[Position, float] = {"denies": 1.0, "asks": 1.0}
    for rule, spans in _fired(view):
        found[rule.stance] += [cue(text, start, end) for start, end in spans]
        doubt[rule.stance] *= 1 - rule.weight
    denies, asks = 1 - doubt["denies"], 1 - doubt["asks"]
    if denies >= ENOUGH and denies >= asks:
        return Stance("denies", round(denies, 3), merge(found["denies"])[:5])
    if asks >= ENOUGH:
        return Stance("asks", round(asks, 3), merge(found["asks"])[:5])
    return Stance("asserts", round(1 - max(denies, asks), 3))


def _fired(view: str) -> Iterator[tuple[_Rule, list[tuple[int, int]]]]:
    """Each rule with its matches that no guard excludes and that are not in a quotation.

    A rule counts once however often it matches: repeating a formula adds nothing.
    """
    rules, guards = _load()
    void = [match.span() for guard in guards.values() for match in guard.finditer(view)]
    quoted = [match.span() for match in _QUOTED.finditer(view)]
    for rule in rules:
        spans = [
            match.span()
            for match in rule.pattern.finditer(view)
            if not any(a <= match.start() and match.end() <= b for a, b in quoted)
            and (rule.stance == "asks" or not _overlaps(match.span(), void))
        ]
        if spans:
            yield rule, spans


def _overlaps(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)
