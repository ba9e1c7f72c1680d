"""The statutory clocks 法定期限 as written in clock_rules.toml: dated versions of each rule."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from hub.services.office import workdays

_FILE = Path(__file__).with_name("clock_rules.toml")


@dataclass(frozen=True)
class ClockRule:
    """One version of one clock.

    `days` of `unit` "working" or "calendar"; `extend` days may be added once; `stops`: time for
    testing does not count; `by_hand`: a person says when it is done.
    """

    code: str
    label: str
    days: int
    unit: str
    source: str
    extend: int = 0
    stops: bool = False
    by_hand: bool = False
    since: date = date.min
    until: date = date.max

    def due(self, started: date, more: int = 0, stopped: int = 0) -> date:
        """The last day: `more` days of extension in the rule's unit; `stopped` calendar
        days of a pause are added."""
        add = workdays.add if self.unit == "working" else workdays.add_calendar
        day = add(started, self.days + more)
        return workdays.add_calendar(day, stopped) if stopped else day


@cache
def rules() -> tuple[ClockRule, ...]:
    """Every version of every rule. Raises ValueError when versions of one overlap."""
    found = tuple(
        ClockRule(since=entry.pop("from", date.min), **entry)
        for entry in tomllib.loads(_FILE.read_text("utf-8"))["rule"]
    )
    for one in found:
        for other in found:
            meet = one.since <= other.until and other.since <= one.until
            if meet and one is not other and one.code == other.code:
                raise ValueError(f"two versions of {one.code} hold at once")
    return found


def in_force(code: str, day: date) -> ClockRule:
    """The version of a rule that holds for a clock started on `day`. Raises KeyError."""
    for rule in rules():
        if rule.code == code and rule.since <= day <= rule.until:
            return rule
    raise KeyError(f"no rule {code} on {day}")
