"""A first draft of a decision, generated from the evidence, for the handler to edit.

The facts go to every platform, so the draft names no platform, shop or reporter, and quotes a
rumor (which all must recognise) but never a consumer's own words. It states what was reported and
what a named source found; what was verified is a blank that the handler fills in.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.desk.cases import findings, related_debunks
from hub.desk.cases.evidence import Evidence
from hub.desk.cases.execution_ledger import DecisionView
from hub.desk.cases.highlights import UNSEEN
from hub.desk.merchants.merchant_page import MerchantSummary
from hub.services.enforcement import measures
from hub.services.enforcement.proposing import BLANK
from models import Case
from models.states import Effect

_QUOTE = 200  # characters of a rumor that are quoted
_EXPLAINED = 400  # characters of a debunk's explanation


@dataclass(frozen=True)
class DecisionDraft:
    """The initial values of the decision form."""

    codes: list[str]
    terms: dict[str, int]
    facts: str
    grounds: list[str]
    evidence: list[str]
    answer_days: int
    sharing: str
    platforms: list[str]


def of(
    case: Case,
    evidence: Evidence,
    merchant: MerchantSummary | None,
    known: list[related_debunks.RelatedDebunk],
    decided: list[DecisionView],
    names: dict[str, str],
) -> DecisionDraft:
    """The penalty proposed last, else a draft from the findings."""
    last = next((d.decision for d in decided if d.effect == Effect.PENALTY), None)
    if last is not None:
        picks = [pick for m in last.measures for pick in _picks(m)]
        terms = {m["code"]: m["term_days"] or 0 for m in last.measures}
        sharing = last.sharing
        return DecisionDraft(
            picks, terms, last.facts, last.grounds, last.evidence, last.answer_days,
            sharing.get("level", "all"), sharing.get("platforms", []),
        )  # fmt: skip
    return DecisionDraft(
        list(measures.usual(case.kind)), {}, facts(case, evidence, merchant, known),
        findings.laws(case), _listed(case, known, names), 3, "all", [],
    )  # fmt: skip


def _picks(measure: dict) -> list[str]:
    """A stored measure as the form names it: its code, or code@kind for some kinds only."""
    entry, on = measures.CATALOGUE.get(measure["code"]), measure.get("on")
    if entry is None or on is None or set(on) == set(entry.on):
        return [measure["code"]]
    return [f"{measure['code']}@{kind}" for kind in on]


def _listed(
    case: Case, known: list[related_debunks.RelatedDebunk], names: dict[str, str]
) -> list[str]:
    """The evidence list, which stays in the hub: reports by platform, and the debunk."""
    reports = [f"{names.get(slug, slug)}转来举报 {n} 件" for slug, n in sorted(case.spread.items())]
    best = related_debunks.best(known)
    checked = [f"辟谣：{_short(best.source, 64)}，结论“{best.verdict}”"] if best else []
    return reports + checked


def facts(
    case: Case,
    evidence: Evidence,
    merchant: MerchantSummary | None,
    known: list[related_debunks.RelatedDebunk],
) -> str:
    """The drafted facts, a few sentences; with the verdict of a debunk of the same claim."""
    debunk = related_debunks.best(known)
    what = _rumor(case, evidence, debunk) if case.kind == "rumor" else _offence(case, merchant)
    return "\n".join((_reported(case, evidence), what, BLANK))


def _reported(case: Case, evidence: Evidence) -> str:
    ways = f"，共{evidence.wordings}种表述" if case.kind == "rumor" else ""
    denied = sum((case.denied or {}).values())
    apart = f"（其中{denied}件为辟谣内容）" if denied else ""
    return f"{len(case.spread)}个平台共转来相关举报{case.demand}件{apart}{ways}。"


def _charges(case: Case) -> str:
    return "；".join(
        f"涉嫌{label}（{'、'.join(laws)}）" if laws else f"涉嫌{label}"
        for label, laws in findings.charges(case)
    )


def _rumor(case: Case, evidence: Evidence, debunk: related_debunks.RelatedDebunk | None) -> str:
    charges = _charges(case)
    more = f"传播该信息{charges}。" if charges else ""
    return f"网传“{_short(evidence.centre, _QUOTE)}”，{_found(debunk)}{more}"


def _found(debunk: related_debunks.RelatedDebunk | None) -> str:
    """That the claim spreads, and the verdict of a debunk."""
    if debunk is None:
        return "正在多平台传播。"
    when = f"{debunk.date.year}年{debunk.date.month}月{debunk.date.day}日" if debunk.date else ""
    checked = f"{_short(debunk.source, 64)}{when}查证结论为“{debunk.verdict}”"
    explained = _short(debunk.explanation, _EXPLAINED).rstrip("。")
    return f"正在多平台传播。{checked}" + (f"：{explained}。" if explained else "。")


def _short(text: str, most: int) -> str:
    """One line without invisible characters, cut at `most`."""
    words = " ".join(UNSEEN.sub("", text).split())
    return words[:most] + ("……" if len(words) > most else "")


def _offence(case: Case, merchant: MerchantSummary | None) -> str:
    charges = _charges(case) or "涉嫌违法经营"
    return f"{_who(merchant)}{charges}，由举报反映。"


def _who(merchant: MerchantSummary | None) -> str:
    if merchant is None or not (merchant.name or merchant.uscc):
        return "当事人"
    code = f"（统一社会信用代码{merchant.uscc}）" if merchant.uscc else ""
    return f"当事人{UNSEEN.sub('', merchant.name or '')}{code}"
