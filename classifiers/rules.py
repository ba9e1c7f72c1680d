"""Hand-written rules for violations: patterns in a report's text, with exceptions.

The rules themselves are in `rules.toml`. A rule fires where its pattern matches in the
folded view, unless words just before deny or forbid the act ("从不刷单", "严禁哄抬价格"),
unless the clause asks or warns, or unless the rule's own exception holds. Where no labelled
cases exist (counterfeit, unlicensed, fraud ...) the rules are used alone. The file states how often
each was right on complaints read by a person.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classifiers import adwords, rises
from classifiers.fold import Folded
from classifiers.violation import TYPES, Finding, finding

RULES_FILE = Path(__file__).with_name("rules.toml")
_GAP = r"[^。!?;\n]{{0,{}}}?"  # stays within the sentence


@dataclass(frozen=True)
class ViolationRule:
    """One pattern for one type. `score` is how strongly the words alone indicate it, 0..1.

    `read` and `unseen` are (right, of): how often it was right on complaints a person read, those
    it was revised with and others; None where it never fired.
    """

    id: str
    type: str
    pattern: re.Pattern[str]
    score: float
    unless: re.Pattern[str] | None = None
    read: tuple[int, int] | None = None
    unseen: tuple[int, int] | None = None


def _expand(pattern: str, lists: Mapping[str, str]) -> str:
    """Put word lists and gaps in place of their <names>, lists within lists too."""

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("gap"):
            return _GAP.format(name[3:])
        return f"(?:{_expand(lists[name], lists)})"

    return re.sub(r"<([a-z]+\d*)>", replace, pattern.replace("\\\n", ""))


@cache
def load_rules() -> tuple[str, tuple[ViolationRule, ...]]:
    """Version and rules of `rules.toml`. Raises KeyError on a rule for an unknown type."""
    source = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    lists = source["lists"]
    rules = tuple(
        ViolationRule(
            entry["id"],
            TYPES[entry["type"]].code,
            re.compile("|".join(_expand(p, lists) for p in entry["patterns"])),
            entry["score"],
            re.compile(_expand(entry["unless"], lists)) if "unless" in entry else None,
            *((*entry[name],) if name in entry else None for name in ("read", "unseen")),
        )
        for entry in source["rule"]
    )
    return source["version"], rules


# Before the match: the act is denied, forbidden, combated or only feared.
_DENIED = re.compile(
    r"(?:不得|严禁|禁止|杜绝|打击|严查|查处|谨防|防止|防范|警惕|整治|抵制|拒绝|不存在|没有发现"
    r"|未发现|并未|并没有|从不|从未|绝不|绝无|不会|不能|不许|不要|避免|如有|如果|如遇|若有"
    r"|是否|有没有|会不会|何为|什么是)[^。!?;,\n]{0,8}$"
    # A list of what is combated: "打击一房多卖、霸王条款、价格欺诈".
    r"|(?:打击|整治|查处|治理|严禁|不得)[^。!?;,\n]{0,12}、[^。!?;,\n]{0,30}$"
)
# The rest of the clause makes it a question or a warning to merchants.
_ASKED = re.compile(
    r"^[^。!?;\n]{0,12}(?:吗|么)\??"
    r"|^[^。!?;\n]{0,14}(?:将(?:被|依法)|一律(?:从重|严)|属于?违法)"
)


def _guarded(rule: ViolationRule, view: str, match: re.Match[str]) -> bool:
    before = view[max(0, match.start() - 48) : match.start()]
    after = view[match.end() : match.end() + 24]
    if _DENIED.search(before) or _ASKED.search(after):
        return True
    if rule.unless is None:
        return False
    return bool(rule.unless.search(view, max(0, match.start() - 20), match.end() + 20))


def _fired(folded: Folded) -> Iterator[Finding]:
    for rule in load_rules()[1]:
        cues = [
            folded.cue(*match.span())
            for match in rule.pattern.finditer(folded.view)
            if not _guarded(rule, folded.view, match)
        ]
        if cues:
            more = 0.05 * min(len(cues) - 1, 2)
            yield finding(rule.type, min(rule.score + more, 0.95), cues[:5], f"rule:{rule.id}")


def judge(folded: Folded) -> list[Finding]:
    """Every rule that fires on a text; several may of one type. Cues point into the original."""
    return [*_fired(folded), *rises.judge(folded), *adwords.judge(folded)]
