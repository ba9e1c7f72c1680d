"""Wordings assessed again after a model or a rule changed.

Each assessment records the versions that made it, so no progress needs to be stored: an
interrupted run is simply started again. What people decided stays: claims, links, merges, and
every decided case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import CHANGING, Lock
from hub.services.assessment.loaded_models import LoadedModels
from hub.services.cases import counts
from hub.services.reports.report_text import whole_text
from models import Case, Report, Wording
from models.states import BEFORE_DECISION, COUNTED

BATCH = 32


@dataclass(frozen=True)
class Outdated:
    """A wording assessed by other versions; `text` is that of its first report."""

    id: int
    text: str


def outdated(session: Session, versions: dict[str, str], after: int) -> list[Outdated]:
    """The next BATCH wordings past id `after` not assessed by all of `versions` (part: name)."""
    rows = session.scalars(
        select(Wording)
        .where(Wording.id > after, ~_read_by(versions))
        .order_by(Wording.id)
        .limit(BATCH)
    ).all()
    first = select(func.min(Report.id)).where(Report.wording_id.in_([w.id for w in rows]))
    said = {
        r.wording_id: whole_text(r.text, r.payload)
        for r in session.scalars(
            select(Report).where(Report.id.in_(first.group_by(Report.wording_id)))
        )
    }
    return [Outdated(w.id, said.get(w.id, w.text)) for w in rows]


def _read_by(versions: dict[str, str]) -> ColumnElement[bool]:
    return func.coalesce(Wording.assessment["versions"].contains(versions), False)


def read(loaded: LoadedModels, waiting: list[Outdated]) -> dict[int, dict[str, Any]]:
    """Assessments by wording id. Holds no transaction: this is the slow part."""
    assessed = loaded.assessor.assess([wording.text for wording in waiting])
    return {w.id: one.to_json() for w, one in zip(waiting, assessed, strict=True)}


def settle(session: Session, found: dict[int, dict[str, Any]]) -> int:
    """Store the new assessments, by wording id, and update the cases that counted the old.

    Returns how many wordings changed their stance.
    """
    locks.hold(session, Lock.CLAIMS)
    turned = 0
    before: dict[int, dict[str, Any]] = {}
    for wording in session.scalars(select(Wording).where(Wording.id.in_(found))):
        before[wording.id] = wording.assessment
        turned += _stance(wording.assessment) != _stance(found[wording.id])
        wording.assessment = found[wording.id]
    session.flush()
    touched = select(Report.case_id).where(Report.wording_id.in_(found))
    undecided = (
        select(Case)
        .where(Case.id.in_(touched), Case.live, Case.state.in_(BEFORE_DECISION))
        .order_by(Case.id)
        .with_for_update(of=Case, **CHANGING)
    )
    for case in session.scalars(undecided):
        _update_case(session, case, before)
    return turned


def _stance(assessment: dict[str, Any]) -> str:
    return (assessment.get("stance") or {}).get("stance") or ""


def _update_case(session: Session, case: Case, before: dict[int, dict[str, Any]]) -> None:
    """Update what the case shows and counts from its wordings' new assessments."""
    counted = session.scalars(
        select(Wording)
        .distinct()
        .join(Report, Report.wording_id == Wording.id)
        .where(Report.case_id == case.id, Report.state.in_(COUNTED))
        .order_by(Wording.id)
    ).all()
    leading = next((w for w in counted if before.get(w.id) == case.assessment), None)
    if leading:
        case.read_as(leading.assessment)
    case.urgency = max(
        (counts.urgency(w.assessment) for w in counted if not counts.denies(case, w)),
        default=0.0,
    )
    counts.recount(session, case)
