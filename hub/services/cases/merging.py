"""Two cases become one 并案, found by an officer or by their merchants' merging."""

from __future__ import annotations

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from hub.services.cases import counts, reporter_counts
from hub.services.office import case_clocks
from models import Case, Report
from models.states import CaseState


def absorb(session: Session, case: Case, target: Case) -> None:
    """Let all reports of `case` count in `target`, which ranks and runs its clocks by both.

    Both are locked. The caller counts the version of `case` up and writes the audit entry.
    """
    session.execute(
        update(Report)
        .where(Report.case_id == case.id)
        .values(case_id=target.id, merged_from_id=case.id)
    )
    target.spread = _summed(target.spread, case.spread)
    target.denied = _summed(target.denied or {}, case.denied or {})
    target.demand += case.demand
    target.urgency = max(target.urgency, case.urgency)
    target.last_report_at = func.greatest(target.last_report_at, case.last_report_at)
    target.version += 1
    case.state, case.live, case.merged_into_id = CaseState.MERGED, False, target.id
    counts.relead(session, target)
    counts.rank(target)
    reporter_counts.count_few(session, [target])
    case_clocks.merged(session, case, target)


def _summed(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {slug: one.get(slug, 0) + other.get(slug, 0) for slug in {**one, **other}}
