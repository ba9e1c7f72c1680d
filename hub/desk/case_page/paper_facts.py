"""The placeholders of the paper templates, filled from a case file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub import beijing
from hub.desk import words
from hub.desk.case_page.case_file import CaseFile
from hub.desk.cases.execution_ledger import DecisionView
from hub.desk.cases.highlights import UNSEEN
from hub.services.office import clocks, papers
from models import Paper

_WORDINGS = 5
_LONGEST = 300  # characters quoted of a wording
_NONE = "—"


@dataclass(frozen=True)
class Shelf:
    """The papers of a case, and the choices for a new one."""

    made: list[tuple[Paper, str]]
    kinds: dict[str, papers.Kind]
    platforms: dict[str, str]
    pdf: bool


def shelf(session: Session, case: CaseFile) -> Shelf:
    """What the panel of papers shows."""
    made = papers.of_case(session, case.id)
    return Shelf(made, papers.KINDS, case.names, papers.can_pdf())


def facts(session: Session, case: CaseFile, slug: str | None = None) -> dict[str, Any]:
    """The values for any kind of paper; with `slug`, also of the order to that platform."""
    decision = case.ruling.current
    return {
        "case": _case(case),
        "subject": _merchant(case),
        "wordings": [_clean(v.text)[:_LONGEST] for v in case.content.evidence.variants[:_WORDINGS]],
        "clock": _clock(session, case.id),
        **_decision(case, decision),
        **_order(decision, slug),
    }


def _case(case: CaseFile) -> dict[str, Any]:
    return {
        "number": f"C{case.id}",
        "kind": words.KINDS[case.kind],
        "title": _clean(case.title),
        "about": "、".join(map(str, case.about)),
        "demand": case.demand,
        "spread": "、".join(f"{name}{n}件" for name, n in case.ranking.spread) or _NONE,
        "opened": _moment(case.course.opened_at),
        "last": _moment(case.course.last_report_at),
    }


def _decision(case: CaseFile, decision: DecisionView | None) -> dict[str, Any]:
    """What was decided; before any decision, the facts and laws of the draft."""
    if decision is None:
        drafted = {"facts": _clean(case.ruling.draft.facts), "laws": case.laws}
        return drafted | {"measures": [], "evidence": []}
    return {
        "facts": _clean(decision.facts),
        "laws": decision.grounds or case.laws,
        "measures": decision.measures,
        "evidence": decision.evidence,
    }


def _order(decision: DecisionView | None, slug: str | None) -> dict[str, str]:
    orders = decision.orders if decision else []
    order = next((each for each in orders if each.slug == slug), None)
    if order is None:
        return {"order": _NONE, "answer_by": _NONE}
    return {"order": order.public_id, "answer_by": _moment(order.answer_by)}


def _merchant(case: CaseFile) -> dict[str, str]:
    merchant = case.content.merchant
    if merchant is None:
        return dict.fromkeys(("name", "uscc", "address", "license_no", "shops"), _NONE)
    shops = "；".join(f"{s.platform} {s.name or ''}（{s.shop_id}）" for s in merchant.shops)
    return {
        "name": _clean(merchant.name or _NONE),
        "uscc": merchant.uscc or _NONE,
        "address": _clean(merchant.address or _NONE),
        "license_no": _clean(merchant.license_no or _NONE),
        "shops": _clean(shops) or _NONE,
    }


def _clock(session: Session, case_id: int) -> str:
    found = clocks.nearest(session, [case_id]).get(case_id)
    return f"{found.rule.label}：{found.clock.due_on}（{found.rule.source}）" if found else _NONE


def _moment(at: datetime | None) -> str:
    return beijing.local(at).strftime("%Y年%m月%d日 %H:%M") if at else _NONE


def _clean(text: str) -> str:
    """Without invisible characters and those that XML cannot represent."""
    return "".join(c for c in UNSEEN.sub("", text) if c >= " " or c in "\n\t")
