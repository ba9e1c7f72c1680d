"""Officers' decisions from the database, as training examples of the classifiers."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from classifiers.train.lessons import TrainingExample
from hub.services.cases.counts import denies
from hub.services.reports.report_text import whole_text
from models import Case, Label, Report, Wording
from models.states import COUNTED

MOST_WORDINGS = 5  # of one case, so that a large one does not outweigh the others


def gather(session: Session, task: str, values: Collection[str]) -> list[TrainingExample]:
    """The wordings of every case that an officer gave one of `values`; the newest label counts.

    A post that denies its rumor is left out: it is not what the officer judged.
    """
    newest = (
        select(Label)
        .where(Label.task == task)
        .ext(distinct_on(Label.case_id))
        .order_by(Label.case_id, Label.id.desc())
    )
    labels = {label.case_id: label for label in session.scalars(newest) if label.value in values}
    found: list[TrainingExample] = []
    for case_id, label in labels.items():
        found += _of_case(session, session.get_one(Case, case_id), label)
    return sorted(found, key=lambda lesson: lesson.at)


def _of_case(session: Session, case: Case, label: Label) -> list[TrainingExample]:
    first = (
        select(func.min(Report.id))
        .where(Report.case_id == case.id, Report.state.in_(COUNTED))
        .group_by(Report.wording_id)
        .order_by(func.min(Report.id))
        .limit(3 * MOST_WORDINGS)
    )
    rows = session.execute(
        select(Report, Wording)
        .join(Wording, Wording.id == Report.wording_id)
        .where(Report.id.in_(first.scalar_subquery()))
        .order_by(Report.id)
    ).all()
    said = [(report, wording) for report, wording in rows if not denies(case, wording)]
    claim = f"claim {case.claim_id}" if case.claim_id else f"case {case.id}"
    return [
        TrainingExample(
            whole_text(report.text, report.payload),
            label.value,
            claim,
            label.created_at.timestamp(),
            lead=n == 0,
        )
        for n, (report, _) in enumerate(said[:MOST_WORDINGS])
    ]
