"""Statutory clocks 法定期限 of a case: started and ended by its steps.

An extension is requested by one person and approved by another; testing pauses a clock whose rule
allows it. Nothing here changes a case: a clock informs people, it does not act.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub import beijing
from hub.locks import CHANGING
from hub.problems import Problem, conflict, not_found, required
from hub.services.audit import audit_log
from hub.services.office import clock_rules, workdays
from hub.services.office.clock_rules import ClockRule
from models import Clock, User

SOON = 3  # working days before the end from which people are reminded
_RUNS = Clock.ended_at.is_(None)
_TODAY = beijing.sql_day(func.now())


@dataclass(frozen=True)
class ClockReading:
    """A clock on a given day; `left` in working days, negative when overdue, None when it is
    paused or has ended."""

    clock: Clock
    rule: ClockRule
    left: int | None

    @property
    def nearness(self) -> str:
        """ "overdue", "soon" or ""."""
        if self.left is None:
            return ""
        return "overdue" if self.left < 0 else "soon" if self.left <= SOON else ""

    @property
    def running(self) -> bool:
        return self.clock.ended_at is None

    @property
    def forecast(self) -> bool:
        """Whether the holidays up to its end are not announced yet."""
        return not workdays.known(self.clock.due_on)


def today(session: Session) -> date:
    """The day in China by the clock of the database."""
    return session.scalars(select(_TODAY)).one()


def start(session: Session, case_id: int, code: str, on: date | None = None) -> None:
    """Start a clock of `code` on a day, today by default; one that already runs is left alone."""
    start_all(session, code, {case_id: on or today(session)})


def start_all(session: Session, code: str, days: Mapping[int, date]) -> None:
    """Start a clock of `code` for each of these cases (by id) on its day."""
    if not days:
        return
    rows = [
        {
            "case_id": case_id,
            "rule": code,
            "started_on": begun,
            "due_on": clock_rules.in_force(code, begun).due(begun),
        }
        for case_id, begun in days.items()
    ]
    session.execute(insert(Clock).values(rows).on_conflict_do_nothing())


def end(session: Session, case_id: int, codes: Iterable[str], because: str) -> None:
    """End the running clocks of these codes: what they required was done."""
    session.execute(
        update(Clock)
        .where(Clock.case_id == case_id, Clock.rule.in_(tuple(codes)), _RUNS)
        .values(ended_at=func.now(), ended_because=because)
        .execution_options(synchronize_session=False)
    )


def read(session: Session, case_id: int) -> list[ClockReading]:
    """Every clock of a case: running ones by their end, then those that have ended."""
    clocks = session.execute(
        select(Clock, _TODAY)
        .where(Clock.case_id == case_id)
        .order_by(Clock.ended_at.is_not(None), Clock.due_on, Clock.id)
        .execution_options(populate_existing=True)
    )
    return [reading(clock, day) for clock, day in clocks]


def reading(clock: Clock, day: date) -> ClockReading:
    """One clock on a day."""
    rule = clock_rules.in_force(clock.rule, clock.started_on)
    runs = clock.ended_at is None and clock.stopped_on is None
    return ClockReading(clock, rule, workdays.between(day, clock.due_on) if runs else None)


def nearest(session: Session, case_ids: Sequence[int]) -> dict[int, ClockReading]:
    """The running clock that ends first, of each of these cases that has one."""
    rows = session.execute(
        select(Clock, _TODAY)
        .where(Clock.case_id.in_(case_ids), _RUNS, Clock.stopped_on.is_(None))
        .order_by(Clock.due_on.desc())
    )
    return {clock.case_id: reading(clock, day) for clock, day in rows}


def ask_extension(session: Session, officer: User, clock_id: int, reason: str) -> Clock:
    """Ask for the extension the rule allows. Raises Problem 409 or 422."""
    clock, rule = _running(session, clock_id)
    if not rule.extend:
        raise conflict(f"“{rule.label}”依法不得延长。")
    if clock.extension:
        raise conflict("已申请过延长；只能延长一次。")
    reason = required("reason", reason, "请填写理由。")
    clock.extension = {"reason": reason, "by": officer.username}
    _note(session, officer, clock, "extension_asked", reason=reason)
    return clock


def decide_extension(session: Session, officer: User, clock_id: int, approve: bool) -> Clock:
    """Another person grants or refuses the extension. Raises Problem 403 or 409."""
    clock, rule = _running(session, clock_id)
    asked = clock.extension
    if not asked or "approved_by" in asked:
        raise conflict("没有待批准的延长申请。")
    if asked["by"] == officer.username:
        raise Problem(403, "four_eyes", "延长须由申请人以外的人批准。")
    if not approve:
        clock.extension = None
        _note(session, officer, clock, "extension_refused")
        return clock
    clock.extension = {**asked, "approved_by": officer.username, "days": rule.extend}
    clock.told = None
    _update_due(clock, rule)
    _note(session, officer, clock, "extension_approved", until=clock.due_on.isoformat())
    return clock


def stop(session: Session, officer: User, clock_id: int, reason: str) -> Clock:
    """Pause the clock while something is tested (检测、检验、检疫、鉴定). Raises Problem 404, 409,
    or 422 without a reason."""
    clock, rule = _running(session, clock_id)
    if not rule.stops:
        raise conflict(f"“{rule.label}”依法不扣除检测鉴定时间。")
    if clock.stopped_on:
        raise conflict("该期限已暂停计算。")
    reason = required("reason", reason, "请填写理由。")
    clock.stopped_on, clock.stopped_because = today(session), reason
    _note(session, officer, clock, "clock_stopped", reason=reason)
    return clock


def resume(session: Session, officer: User, clock_id: int) -> Clock:
    """The result is there: the end moves by the days paused. Raises Problem 404, 409."""
    clock, rule = _running(session, clock_id)
    if clock.stopped_on is None:
        raise conflict("该期限没有暂停。")
    clock.stopped_days += (today(session) - clock.stopped_on).days
    clock.stopped_on = clock.told = None
    _update_due(clock, rule)
    _note(session, officer, clock, "clock_resumed", until=clock.due_on.isoformat())
    return clock


def done(session: Session, officer: User, clock_id: int) -> Clock:
    """Record that what the clock requires was done. Raises Problem 404, or 409 for one that ends
    by a step of the case itself."""
    clock, rule = _running(session, clock_id)
    if not rule.by_hand:
        raise conflict(f"“{rule.label}”随案件办理自动办结。")
    clock.ended_at, clock.ended_because = func.now(), "done"
    _note(session, officer, clock, "clock_done")
    return clock


def _update_due(clock: Clock, rule: ClockRule) -> None:
    more = (clock.extension or {}).get("days", 0)
    clock.due_on = rule.due(clock.started_on, more, clock.stopped_days)


def _running(session: Session, clock_id: int) -> tuple[Clock, ClockRule]:
    clock = session.scalar(select(Clock).where(Clock.id == clock_id).with_for_update(**CHANGING))
    if clock is None:
        raise not_found("没有这个期限。")
    if clock.ended_at is not None:
        raise conflict("该期限已经结束。")
    return clock, clock_rules.in_force(clock.rule, clock.started_on)


def _note(session: Session, officer: User, clock: Clock, action: str, **detail: str) -> None:
    audit_log.note(session, officer.username, action, clock.case_id, clock=clock.rule, **detail)
