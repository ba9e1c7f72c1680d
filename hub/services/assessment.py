"""Assessment 研判准备: received reports are read by the models and find their case.

`lease` and `settle` are two transactions; the models run between them and hold no lock. The
epoch given at leasing fences a worker that comes back after its lease was given to another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select, text, tuple_, update
from sqlalchemy.orm import Session, defer

from classifiers.encoder import Encoder
from classifiers.matching import View, view
from classifiers.normalize import normalize, text_key
from hub.database import CHANGING, changed, inline
from hub.services import grouping, joining, outbox
from hub.services import matching as claims
from hub.services.brain import Brain, Reading
from models import Report, Wording

LEASE_SECONDS = 60
MAX_FAILURES = 5


@dataclass
class Leased:
    """One report in this worker's hands."""

    id: int
    epoch: int
    text: str
    key: str
    reading: Reading | None = field(default=None)


def lease(session: Session, limit: int = 32) -> list[Leased]:
    """Take up to `limit` waiting reports, oldest first, for LEASE_SECONDS."""
    waiting = (
        select(Report.id)
        .where(Report.state == inline("RECEIVED"), Report.next_at <= func.now())
        .order_by(Report.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Report, **CHANGING)
    )
    rows = session.execute(
        update(Report)
        .where(Report.id.in_(waiting.scalar_subquery()))
        .values(
            state="PROCESSING",
            epoch=Report.epoch + 1,
            lease_until=func.now() + text(f"interval '{LEASE_SECONDS} seconds'"),
        )
        .returning(Report.id, Report.epoch, Report.text, Report.payload)
        .execution_options(synchronize_session=False)
    ).all()
    leased = []
    for row in rows:
        whole = claims.whole_text(row.text, row.payload)
        leased.append(Leased(row.id, row.epoch, whole, text_key(normalize(whole))))
    return sorted(leased, key=lambda r: r.id)


@dataclass(frozen=True)
class Unseen:
    """A text that was never read before, as its first report has it."""

    text: str
    view: View


def unseen(session: Session, leased: list[Leased], encoder: Encoder) -> list[Unseen]:
    """Texts that were never read before; copies cost this one look-up. Near-copies bring the
    vector of the wording they repeat."""
    keys = {r.key for r in leased}
    known = set(session.scalars(select(Wording.key).where(Wording.key.in_(keys))))
    texts = {r.key: r.text for r in reversed(leased) if r.key not in known}
    seen = claims.with_twins(session, [view(text) for text in texts.values()], encoder)
    return [Unseen(*each) for each in zip(texts.values(), seen, strict=True)]


def read(brain: Brain, leased: list[Leased], new: list[Unseen]) -> None:
    """Run the models on unseen texts. Holds no transaction: this is the slow part."""
    found = brain.read([each.text for each in new], [each.view for each in new])
    readings = {reading.view.key: reading for reading in found}
    for report in leased:
        report.reading = readings.get(report.key)


def settle(session: Session, brain: Brain, leased: list[Leased]) -> None:
    """Attach each report to its case, or open one, and tell the platforms."""
    claims.alone(session)
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    ours = _still_ours(session, leased)
    known = _known(session, [item for item in leased if item.id in ours])
    for item in leased:
        report = ours.get(item.id)
        if report is None:
            continue
        wording = known.get(item.key) or _wording(session, brain, item)
        known[item.key] = wording
        place, opened = grouping.place(session, report, wording, item.reading, brain.encoder)
        report.wording_id, report.case_id = wording.id, place.id
        report.state = "TRIAGE" if opened else "MERGED"
        report.settled_at, report.lease_until = func.clock_timestamp(), None
        session.flush()
        told[report.platform_id].append(
            {
                "report_id": report.external_id,
                "status": "triage" if opened else "merged",
                "case": f"C{place.id}",
            }
        )
    tell(session, told)
    joining.write_notes(session)


def tell(session: Session, told: dict[int, list[dict[str, Any]]]) -> None:
    """Queue one `report.updated` per platform with the outcomes of its own reports."""
    if not told:
        return
    for platform in outbox.lock_platforms(session, list(told)):
        outcomes = told[platform.id]
        for start in range(0, len(outcomes), 500):
            seq = outbox.next_seq(session, platform)
            data = {"reports": outcomes[start : start + 500]}
            outbox.put(session, platform, "report.updated", seq, data)


def _still_ours(session: Session, leased: list[Leased]) -> dict[int, Report]:
    """Those whose lease was not given to another, locked, by id."""
    held = [(item.id, item.epoch) for item in leased]
    query = (
        select(Report)
        .where(tuple_(Report.id, Report.epoch).in_(held), Report.state == "PROCESSING")
        .order_by(Report.id)
        .with_for_update(of=Report, **CHANGING)
    )
    return {report.id: report for report in session.scalars(query)}


def _known(session: Session, leased: list[Leased]) -> dict[str, Wording]:
    """The wordings of copies, by key, without what only a new wording is compared by."""
    query = (
        select(Wording)
        .where(Wording.key.in_({item.key for item in leased}))
        .options(defer(Wording.embedding), defer(Wording.signature))
    )
    return {wording.key: wording for wording in session.scalars(query)}


def _wording(session: Session, brain: Brain, item: Leased) -> Wording:
    if item.reading is None:  # it was known, and no longer is
        (item.reading,) = brain.read([item.text])
    return claims.keep_wording(session, item.reading.view, brain.encoder, item.reading.assessment)


def fail(session: Session, item: Leased, error: str) -> None:
    """Give a report back after a failure; the fifth sends it to a person's hands."""
    session.execute(
        update(Report)
        .where(Report.id == item.id, Report.epoch == item.epoch, Report.state == "PROCESSING")
        .values(**_after_failure(), last_error=error[:500])
        .execution_options(synchronize_session=False)
    )


def take_back_expired(session: Session) -> int:
    """Reports whose lease ran out (their worker died) wait again. Returns how many."""
    n = changed(
        session,
        update(Report)
        .where(Report.state == inline("PROCESSING"), Report.lease_until < func.now())
        .values(**_after_failure(), last_error="lease expired"),
    )
    return n


def release_quarantined(session: Session, report_id: int) -> bool:
    """A person sends a quarantined report round again."""
    n = changed(
        session,
        update(Report)
        .where(Report.id == report_id, Report.state == "QUARANTINED")
        .values(state="RECEIVED", failures=0, next_at=func.now()),
    )
    return n == 1


def _after_failure() -> dict[str, Any]:
    failures = Report.failures + 1
    return {
        "failures": failures,
        "state": case((failures >= MAX_FAILURES, "QUARANTINED"), else_="RECEIVED"),
        "next_at": func.now() + func.make_interval(0, 0, 0, 0, 0, 0, failures * 2),
        "lease_until": None,
    }
