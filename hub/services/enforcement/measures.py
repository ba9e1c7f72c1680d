"""The catalogue of measures 处置措施: what a decision may order, on which grounds, for how long.

The entries are in `measures.toml`, each with the days it is in force; a decision keeps the
wording of the day it was proposed and the version of the catalogue they came from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hub import beijing

PLATFORM_KINDS = {"commerce": "电商", "content": "内容", "payment": "支付"}


@dataclass(frozen=True)
class MeasureKind:
    """One entry of the catalogue. `term_days` None means until revoked."""

    code: str
    label: str
    kinds: frozenset[str]
    on: tuple[str, ...]
    target: str
    legal_ground: str
    terms: tuple[int, ...]
    reversible: bool
    nearest: tuple[str, ...]
    since: date
    until: date | None = None

    @property
    def term_days(self) -> int | None:
        """The usual term."""
        return self.terms[0] or None

    def ordered(self, term_days: int | None, on: Iterable[str]) -> dict[str, Any]:
        """The measure as a decision keeps it: its wording of today, for these platforms."""
        return {
            "code": self.code,
            "label": self.label,
            "target": self.target,
            "legal_ground": self.legal_ground,
            "term_days": term_days,
            "reversible": self.reversible,
            "on": list(on),
        }


def _read() -> tuple[MeasureKind, ...]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        entries = tomllib.load(file)["measure"]
    return tuple(
        MeasureKind(
            e["code"], e["label"], frozenset(e["kinds"]), tuple(e["on"]), e["target"], e["ground"],
            tuple(e["terms"]), e["undo"], tuple(e["nearest"]), e["since"], e.get("until"),
        )
        for e in entries
    )  # fmt: skip


ENTRIES = _read()
# The newest wording of every code, to show decisions of any time.
CATALOGUE = {m.code: m for m in sorted(ENTRIES, key=lambda m: m.since)}
# Preselected on the form: the mildest set that stops the harm.
_USUAL = {"rumor": ("label_content", "push_debunk"), "violation": ("close_shop", "bar_onboarding")}


def in_force(day: date | None = None) -> dict[str, MeasureKind]:
    """Code to entry on a day, in the order of the catalogue: mildest first."""
    day = day or beijing.today()
    return {m.code: m for m in ENTRIES if m.since <= day and (m.until is None or day < m.until)}


def version(day: date | None = None) -> str:
    """The version in force on a day: the date the catalogue last changed."""
    day = day or beijing.today()
    changes = [d for m in ENTRIES for d in (m.since, m.until) if d and d <= day]
    return max(changes).isoformat() if changes else ""


def for_kinds(kinds: Iterable[str], bureau: bool = False) -> list[MeasureKind]:
    """Measures that fit such cases, mildest first: those of platforms, or the bureau's own."""
    wanted = frozenset(kinds)
    return [m for m in in_force().values() if m.kinds & wanted and bureau != bool(m.on)]


def usual(kind: str) -> tuple[str, ...]:
    """Codes offered first for this kind of case."""
    return _USUAL[kind]


def chosen(
    kinds: Iterable[str], picks: Iterable[str], terms: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """The measures of a decision as they will be ordered.

    A pick is a code, or code@kind for platforms of that kind alone. `terms` gives days for a
    code, 0 for until revoked. Raises ValueError naming what is unknown or does not fit.
    """
    known, wanted, terms = in_force(), frozenset(kinds), terms or {}
    where: dict[str, set[str]] = {}
    for pick in picks:
        code, _, platform_kind = pick.partition("@")
        measure = known.get(code)
        if measure is None or not measure.kinds & wanted:
            raise ValueError(f"{code!r} is no measure for a {'/'.join(sorted(wanted))}")
        if platform_kind and platform_kind not in measure.on:
            raise ValueError(f"{code!r} cannot be done on {platform_kind!r}")
        where.setdefault(code, set()).update([platform_kind] if platform_kind else measure.on)
    picked = []
    for code, platform_kinds in where.items():
        measure = known[code]
        days = terms.get(code, measure.terms[0])
        if days not in measure.terms:
            raise ValueError(f"{code!r} has no term of {days} days")
        picked.append(measure.ordered(days or None, sorted(platform_kinds)))
    return picked


@dataclass(frozen=True)
class Fit:
    """What becomes of one decided measure on one platform; `done` None: nothing like it."""

    wanted: dict[str, Any]
    done: dict[str, Any] | None

    @property
    def changed(self) -> bool:
        return self.done is None or self.done["code"] != self.wanted["code"]


def fitted(measures: list[dict[str, Any]], kind: str, capabilities: list[str] | None) -> list[Fit]:
    """The measures meant for a platform of this kind, each as that platform can do it.

    Where it cannot, the nearest one it can takes its place, for no longer than was decided.
    """
    return [
        Fit(m, _nearest(m, kind, capabilities))
        for m in measures
        if kind in m.get("on", (kind,))  # decisions older than the kinds are for all
    ]


def _nearest(
    wanted: dict[str, Any], kind: str, capabilities: list[str] | None
) -> dict[str, Any] | None:
    if capabilities is None or wanted["code"] in capabilities:
        return {**wanted, "instead_of": None}
    own = CATALOGUE.get(wanted["code"])
    for code in own.nearest if own else ():
        near = in_force().get(code)
        if near and code in capabilities and kind in near.on:
            days = [d for d in (wanted["term_days"], near.term_days) if d]
            entry = near.ordered(min(days, default=None), ())
            return {**entry, "instead_of": wanted["code"]}
    return None
