"""A first draft of the facts of a decision, out of the evidence, for the handler to correct.

The facts go to every platform, so the draft names no platform, no shop and no reporter, and
quotes a rumor (which all must recognise) but never a consumer's own words.
"""

from __future__ import annotations

from hub.services.desk.evidence import Evidence
from hub.services.desk.marks import UNSEEN
from hub.services.desk.merchants import Merchant
from hub.services.desk.reading import of
from models import Case

_QUOTE = 200  # characters of a rumor that are quoted


def facts(case: Case, evidence: Evidence, merchant: Merchant | None) -> str:
    """The draft, a few sentences."""
    return "\n".join(filter(None, (_reported(case, evidence), _what(case, evidence, merchant))))


def _reported(case: Case, evidence: Evidence) -> str:
    ways = f"，共{evidence.wordings}种表述" if case.kind == "rumor" else ""
    return f"经汇总研判，{len(case.spread)}个平台共转来相关举报{case.demand}件{ways}。"


def _what(case: Case, evidence: Evidence, merchant: Merchant | None) -> str:
    reading = of(case.assessment)
    charges = "；".join(
        f"涉嫌{f.label}（{'、'.join(f.law)}）" if f.law else f"涉嫌{f.label}"
        for f in reading.findings
    )
    if case.kind == "rumor":
        quoted = " ".join(UNSEEN.sub("", evidence.centre).split())
        quoted = quoted[:_QUOTE] + ("……" if len(quoted) > _QUOTE else "")
        more = f"传播该信息{charges}。" if charges else ""
        return f"网传“{quoted}”，经核查为不实信息，正在多平台传播。{more}"
    who = _who(merchant)
    return f"{who}{charges or '涉嫌违法经营'}，事实有多名举报人反映并附线索，经核查属实。"


def _who(merchant: Merchant | None) -> str:
    if merchant is None or not (merchant.name or merchant.uscc):
        return "当事人"
    code = f"（统一社会信用代码{merchant.uscc}）" if merchant.uscc else ""
    return f"当事人{UNSEEN.sub('', merchant.name or '')}{code}"
