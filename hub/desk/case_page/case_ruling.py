"""The decisions of a case, and the draft and preview of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row
from sqlalchemy.orm import Session

from hub.desk.case_page import decision_draft
from hub.desk.case_page.case_content import CaseContent
from hub.desk.cases import execution_ledger, order_preview
from models import Case
from models.states import IN_FORCE, DecisionState


@dataclass(frozen=True)
class CaseRuling:
    """The decisions of a case, newest first, and the initial values of the form for another."""

    decisions: list[execution_ledger.DecisionView]
    preview: order_preview.Preview | None
    platforms: list[tuple[str, str, str]]  # slug, name, kind of those that take part
    draft: decision_draft.DecisionDraft = field(repr=False)

    @property
    def proposal(self) -> execution_ledger.DecisionView | None:
        """The decision awaiting approval."""
        return next((d for d in self.decisions if d.state == DecisionState.PROPOSED), None)

    @property
    def in_force(self) -> execution_ledger.DecisionView | None:
        """The decision in force, also if stayed."""
        return next((d for d in self.decisions if d.state in IN_FORCE), None)

    @property
    def current(self) -> execution_ledger.DecisionView | None:
        """The decision that a paper is about: proposed, else in force, else the newest."""
        return self.proposal or self.in_force or next(iter(self.decisions), None)

    @property
    def platform_kinds(self) -> list[str]:
        """The kinds of platform that take part."""
        return sorted({kind for _, _, kind in self.platforms})

    @property
    def pending(self) -> bool:
        """Whether a platform's answer is outstanding, so that the page may change by itself."""
        return any(d.pending for d in self.decisions)


def read(
    session: Session, case: Case, content: CaseContent, platforms: Sequence[Row]
) -> CaseRuling:
    """The decisions; `platforms` are (slug, name, kind, active) of all."""
    decided = execution_ledger.decisions(session, case)
    proposed = next((d.decision for d in decided if d.state == DecisionState.PROPOSED), None)
    names = {each.slug: each.name for each in platforms}
    return CaseRuling(
        decisions=decided,
        preview=order_preview.of(session, case, proposed) if proposed else None,
        platforms=[(p.slug, p.name, p.kind) for p in platforms if p.active],
        draft=decision_draft.of(
            case, content.evidence, content.merchant, content.debunks, decided, names
        ),
    )
