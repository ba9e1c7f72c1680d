"""What a paper says: the words of the templates, out of a case's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from hub import beijing
from hub.desk import words
from hub.desk.case_page.case_file import CaseFile
from hub.desk.cases.highlights import UNSEEN
from hub.services.office import clocks, papers
from models import Paper

_WORDINGS = 5
_LONGEST = 300  # characters of a wording that are quoted
_NONE = "—"


@dataclass(frozen=True)
class Shelf:
    """The papers of a case, and what a new one needs."""

    made: list[tuple[Paper, str]]
    kinds: dict[str, papers.Kind]
    platforms: dict[str, str]
    pdf: bool


def shelf(session: Session, case: CaseFile) -> Shelf:
    """What the panel of papers shows."""
    made = papers.of_case(session, case.id)
    return Shelf(made, papers.KINDS, case.names, papers.can_pdf())


def facts(session: Session, case: CaseFile, slug: str | None = None) -> dict[str, Any]:
    """The words for any kind of paper; with `slug`, of the order to that platform."""
    decided = case.ruling.current
    order = next((o for o in (decided.orders if decided else []) if o.slug == slug), None)
    return {
        "case": {
            "number": f"C{case.id}",
            "kind": words.KINDS[case.kind],
            "title": _clean(case.title),
            "about": "、".join(map(str, case.about)),
            "demand": case.demand,
            "spread": "、".join(f"{name}{n}件" for name, n in case.ranking.spread) or _NONE,
            "opened": _moment(case.course.opened_at),
            "last": _moment(case.course.last_report_at),
        },
        "subject": _merchant(case),
        "wordings": [_clean(v.text)[:_LONGEST] for v in case.content.evidence.variants[:_WORDINGS]],
        "facts": _clean(decided.facts if decided else case.ruling.draft.facts),
        "measures": decided.measures if decided else [],
        "laws": (decided.grounds if decided else None) or case.laws,
        "evidence": decided.evidence if decided else [],
        "clock": _clock(session, case.id),
        "answer_by": _moment(order.answer_by) if order else _NONE,
        "order": order.public_id if order else _NONE,
    }


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


def _moment(at) -> str:
    return beijing.local(at).strftime("%Y年%m月%d日 %H:%M") if at else _NONE


def _clean(text: str) -> str:
    """Without characters that nobody sees, and those that XML cannot hold."""
    return "".join(c for c in UNSEEN.sub("", text) if c >= " " or c in "\n\t")
