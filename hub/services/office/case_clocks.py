"""Which statutory clocks a step of a case starts and ends 期限随案走."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from hub import beijing
from hub.locks import CHANGING
from hub.services.audit import audit_log
from hub.services.office import clock_rules, clocks
from models import Case, Clock, Report, User

Step = Literal["filed", "dismissed", "reopened", "approved", "revoked"]
# step -> (clocks that it ends, clocks that it starts)
_STEPS: dict[Step, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "filed": (("verify",), ("decide", "tell")),
    "dismissed": (("verify", "decide"), ("tell",)),
    "reopened": (("tell",), ("verify",)),
    "approved": (("verify", "decide"), ("serve", "publish")),
    "revoked": (("serve", "publish"), ("withdraw",)),
}


def opened(session: Session, cases: Mapping[int, datetime]) -> None:
    """Reports opened these cases (by id) at these times: they must be verified in time."""
    clocks.start_all(session, "verify", {id_: beijing.day_of(at) for id_, at in cases.items()})


def follow(session: Session, case: Case, step: Step) -> None:
    """End and start the clocks that a step of a case ends and starts."""
    ends, starts = _STEPS[step]
    published = step == "revoked" and _was_published(session, case)
    clocks.end(session, case.id, ends, step)
    for code in starts:
        if code == "tell" and not _has_named_reporter(session, case):
            continue
        if code == "withdraw" and not published:
            continue
        clocks.start(session, case.id, code)


def file(session: Session, user: User, case: Case) -> None:
    """Put a case on file 立案 that is not yet: from now on it must be decided in time."""
    case.version += 1
    follow(session, case, "filed")
    audit_log.note(session, user.username, "file", case.id)


def merged(session: Session, case: Case, into: Case) -> None:
    """Two cases were merged: the time runs from the earlier report."""
    other, kept = _verifying(session, case), _verifying(session, into)
    if other and kept and other.started_on < kept.started_on:
        kept.started_on = other.started_on
        rule = clock_rules.in_force(kept.rule, kept.started_on)
        kept.due_on = rule.due(
            kept.started_on, (kept.extension or {}).get("days", 0), kept.stopped_days
        )
    clocks.end(session, case.id, [rule.code for rule in clock_rules.rules()], "merged")


def unmerged(session: Session, case: Case) -> None:
    """The merge was undone: the case's own clocks run again, from their original start."""
    session.execute(
        update(Clock)
        .where(Clock.case_id == case.id, Clock.ended_because == "merged")
        .values(ended_at=None, ended_because=None)
        .execution_options(synchronize_session=False)
    )


def split(session: Session, new: Case, first: Report) -> None:
    """A case of reports that were split off: the time runs from the first of them."""
    opened(session, {new.id: first.received_at})


def _verifying(session: Session, case: Case) -> Clock | None:
    return session.scalar(
        select(Clock)
        .where(Clock.case_id == case.id, Clock.rule == "verify", Clock.ended_at.is_(None))
        .with_for_update(**CHANGING)
    )


def _has_named_reporter(session: Session, case: Case) -> bool:
    named = Report.payload["reporter"]["real_name"].as_boolean()
    return bool(session.scalar(select(exists().where(Report.case_id == case.id, named))))


def _was_published(session: Session, case: Case) -> bool:
    """Whether a person recorded the newest decision as published."""
    newest = (
        select(func.max(Clock.id))
        .where(Clock.case_id == case.id, Clock.rule == "publish")
        .scalar_subquery()
    )
    return session.scalar(select(Clock.ended_because).where(Clock.id == newest)) == "done"
