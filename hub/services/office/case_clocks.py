"""Which statutory clocks a step of a case starts and ends 期限随案走."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from hub import beijing
from hub.locks import CHANGING
from hub.problems import conflict
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
    """What a step of a case means for its clocks."""
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
    """Put the case on file 立案: from now on it must be decided in time.

    Raises Problem 409 when it is on file already.
    """
    if any(r.running and r.rule.code == "decide" for r in clocks.read(session, case.id)):
        raise conflict("此案件已经立案。")
    case.version += 1
    follow(session, case, "filed")
    audit_log.note(session, user.username, "file", case.id)


def joined(session: Session, case: Case, into: Case) -> None:
    """Cases are one now: the time runs from the earlier report."""
    theirs, ours = _verifying(session, case), _verifying(session, into)
    if theirs and ours and theirs.started_on < ours.started_on:
        ours.started_on = theirs.started_on
        rule = clock_rules.in_force(ours.rule, ours.started_on)
        ours.due_on = rule.due(
            ours.started_on, (ours.extension or {}).get("days", 0), ours.stopped_days
        )
    clocks.end(session, case.id, [rule.code for rule in clock_rules.rules()], "merged")


def parted(session: Session, case: Case) -> None:
    """The merge was undone: the case's own clocks run on from where they began."""
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
    """Whether a person said that the newest decision was published."""
    newest = (
        select(func.max(Clock.id))
        .where(Clock.case_id == case.id, Clock.rule == "publish")
        .scalar_subquery()
    )
    return session.scalar(select(Clock.ended_because).where(Clock.id == newest)) == "done"
