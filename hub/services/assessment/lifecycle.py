"""Assessment 研判准备: received reports are classified by the models and attached to cases.

`lease` and `settle` are two transactions; the models run between them and hold no lock. The
lease's epoch fences off a worker that comes back after its lease was given to another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, text, update
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder
from classifiers.matching import View, view
from classifiers.normalize import normalize, text_key
from hub import locks
from hub.database import changed, inline
from hub.locks import CHANGING, Lock
from hub.services.assessment import placing
from hub.services.assessment.loaded_models import LoadedModels
from hub.services.cases import reporter_counts
from hub.services.merchants import resolution
from hub.services.platforms import outcomes
from hub.services.reports import report_text
from hub.services.reports.leased_report import Leased
from hub.services.rumors import neighbours, wordings
from models import Platform, Report, Wording
from models.states import ReportState

LEASE_SECONDS = 60
MAX_FAILURES = 5
_IN_HAND = (
    Report.id, Report.epoch, Report.platform_id, Report.external_id, Report.version, Report.kind,
    Report.text, Report.payload, Report.received_at,
)  # fmt: skip
_STILL_LEASED = text(
    f"""
    SELECT r.id, now() AS now FROM report AS r
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:epochs AS int[])) AS held (id, epoch)
      ON r.id = held.id AND r.epoch = held.epoch
    WHERE r.state = '{ReportState.PROCESSING}' ORDER BY r.id FOR NO KEY UPDATE OF r
    """
)
_SETTLED = text(
    """
    UPDATE report AS r SET
        state = s.state, wording_id = s.wording, case_id = s.place,
        settled_at = clock_timestamp(), lease_until = NULL
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]),
        CAST(:wordings AS bigint[]), CAST(:cases AS bigint[])) AS s (id, state, wording, place)
    WHERE r.id = s.id
    """
)


def lease(session: Session, limit: int = 32) -> list[Leased]:
    """Take up to `limit` waiting reports, oldest first, for LEASE_SECONDS."""
    waiting = (
        select(Report.id)
        .where(Report.state == inline(ReportState.RECEIVED), Report.next_at <= func.now())
        .order_by(Report.next_at, Report.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Report, **CHANGING)
    )
    slug = select(Platform.slug).where(Platform.id == Report.platform_id)
    rows = session.execute(
        update(Report)
        .where(Report.id.in_(waiting.scalar_subquery()))
        .values(
            state=ReportState.PROCESSING,
            epoch=Report.epoch + 1,
            lease_until=func.now() + text(f"interval '{LEASE_SECONDS} seconds'"),
        )
        .returning(*_IN_HAND, slug.scalar_subquery().label("slug"))
        .execution_options(synchronize_session=False)
    )
    leased = []
    for row in rows.mappings():
        whole = report_text.whole_text(row["text"], row["payload"])
        leased.append(Leased(**row, whole=whole, key=text_key(normalize(whole))))
    return sorted(leased, key=lambda r: r.id)


@dataclass(frozen=True)
class Unseen:
    """A text that was never assessed before, as its first report has it."""

    text: str
    view: View


def unseen(session: Session, leased: list[Leased], encoder: Encoder) -> list[Unseen]:
    """Texts that were never assessed before; copies cost only this look-up. Near-copies reuse
    the vector of the wording they repeat."""
    keys = {r.key for r in leased}
    known = set(session.scalars(select(Wording.key).where(Wording.key.in_(keys))))
    texts = {r.key: r.whole for r in reversed(leased) if r.key not in known}
    seen = neighbours.with_twins(session, [view(text) for text in texts.values()], encoder)
    return [Unseen(*each) for each in zip(texts.values(), seen, strict=True)]


def read(loaded: LoadedModels, leased: list[Leased], new: list[Unseen]) -> None:
    """Run the models on unseen texts. Holds no transaction: this is the slow part."""
    found = loaded.read([each.text for each in new], [each.view for each in new])
    readings = {reading.view.key: reading for reading in found}
    for report in leased:
        report.reading = readings.get(report.key)


def settle(session: Session, loaded: LoadedModels, leased: list[Leased]) -> None:
    """Attach each report to its case, or open one, and notify the platforms. The number of
    statements does not depend on that of reports; only merchants are resolved one by one."""
    locks.hold(session, Lock.CLAIMS)
    ours, now = _still_leased(session, leased)
    if not ours:
        return
    resolution.resolve_all(session, ours)
    said = wordings.settle(
        session,
        loaded.encoder,
        {item.key: item.reading for item in ours},
        dict.fromkeys(item.key for item in ours if not item.of_merchant),
    )
    for item in ours:
        item.wording = said[item.key]
    placing.place(session, ours, now)
    session.execute(_SETTLED, _rows(ours))
    placing.withdraw_older_versions(session, ours)
    reporter_counts.count_few(session, {item.case for item in ours if item.case})
    outcomes.send(session, _outcomes(ours))


def _rows(items: list[Leased]) -> dict[str, list[Any]]:
    return {
        "ids": [item.id for item in items],
        "states": [ReportState.TRIAGE if item.opened else ReportState.MERGED for item in items],
        "wordings": [item.wording.id for item in items if item.wording],
        "cases": [item.case.id for item in items if item.case],
    }


def _outcomes(settled: list[Leased]) -> dict[int, list[dict[str, Any]]]:
    """The outcomes to send to each platform (by id) about its own reports."""
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for item in settled:
        outcome = {
            "report_id": item.external_id,
            "status": "triage" if item.opened else "merged",
            "case": f"C{item.case.id}" if item.case else None,
        }
        told[item.platform_id].append(outcome)
    return told


def _still_leased(session: Session, leased: list[Leased]) -> tuple[list[Leased], datetime]:
    """Those whose lease is still held, their rows locked; and the database's time."""
    held = {"ids": [item.id for item in leased], "epochs": [item.epoch for item in leased]}
    rows = session.execute(_STILL_LEASED, held).all()
    ids = {row.id for row in rows}
    return [item for item in leased if item.id in ids], rows[0].now if rows else datetime.min


def fail(session: Session, item: Leased, error: str) -> None:
    """Give a report back after a failure; the fifth failure quarantines it."""
    session.execute(
        update(Report)
        .where(
            Report.id == item.id, Report.epoch == item.epoch, Report.state == ReportState.PROCESSING
        )
        .values(**_after_failure(), last_error=error[:500])
        .execution_options(synchronize_session=False)
    )


def take_back_expired(session: Session) -> int:
    """Reports whose lease ran out (their worker died) are due again. Returns how many."""
    n = changed(
        session,
        update(Report)
        .where(Report.state == inline(ReportState.PROCESSING), Report.lease_until < func.now())
        .values(**_after_failure(), last_error="lease expired"),
    )
    return n


def release_quarantined(session: Session, report_id: int) -> bool:
    """Make a quarantined report due again, by a person's request."""
    n = changed(
        session,
        update(Report)
        .where(Report.id == report_id, Report.state == ReportState.QUARANTINED)
        .values(state=ReportState.RECEIVED, failures=0, next_at=func.now()),
    )
    return n == 1


def _after_failure() -> dict[str, Any]:
    failures = Report.failures + 1
    return {
        "failures": failures,
        "state": case(
            (failures >= MAX_FAILURES, ReportState.QUARANTINED), else_=ReportState.RECEIVED
        ),
        "next_at": func.now() + func.make_interval(0, 0, 0, 0, 0, 0, failures * 2),
        "lease_until": None,
    }
