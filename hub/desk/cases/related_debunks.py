"""Earlier debunks of a case's claim: those nearest to its wordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from hub.services.rumors.debunk_file import Record, columns
from models import Case, Debunk, Wording, WordingDebunk

SHOWN = 3


@dataclass(frozen=True)
class RelatedDebunk(Record):
    """One debunk near to a case; ``close``: very likely about the same claim."""

    likeness: float
    close: bool


def of_case(session: Session, case: Case) -> list[RelatedDebunk]:
    """The debunks nearest to any wording of a rumor's case: close ones first, then by
    similarity."""
    if case.kind != "rumor" or case.claim_id is None:
        return []
    likeness, close = func.max(WordingDebunk.likeness), func.bool_or(WordingDebunk.close)
    rows = session.execute(
        select(Debunk, likeness, close)
        .join(WordingDebunk, WordingDebunk.debunk_id == Debunk.id)
        .join(Wording, Wording.id == WordingDebunk.wording_id)
        .where(Wording.claim_id == case.claim_id)
        .group_by(Debunk.id)
        .order_by(close.desc(), likeness.desc(), Debunk.id)
        .limit(SHOWN)
    )
    return [RelatedDebunk(**columns(row), likeness=alike, close=near) for row, alike, near in rows]


def best(found: Iterable[RelatedDebunk]) -> RelatedDebunk | None:
    """The most similar of those that are very likely about the same claim."""
    return next((near for near in found if near.close), None)


def verdicts(session: Session, cases: Iterable[Case]) -> dict[int, tuple[str, str]]:
    """(verdict, source) of the nearest close debunk, by claim, for the rumors among `cases`."""
    claims = [case.claim_id for case in cases if case.kind == "rumor" and case.claim_id]
    if not claims:
        return {}
    rows = session.execute(
        select(Wording.claim_id, Debunk.verdict, Debunk.source)
        .join(WordingDebunk, WordingDebunk.wording_id == Wording.id)
        .join(Debunk, Debunk.id == WordingDebunk.debunk_id)
        .where(Wording.claim_id.in_(claims), WordingDebunk.close)
        .ext(distinct_on(Wording.claim_id))
        .order_by(Wording.claim_id, WordingDebunk.likeness.desc(), Debunk.id)
    )
    return {claim or 0: (verdict, source) for claim, verdict, source in rows}
