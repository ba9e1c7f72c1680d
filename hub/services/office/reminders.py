"""Reminders of statutory clocks: each is reported once when its end is near and once when it is
past, in one notice for all of them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from hub.services.office import clocks, notices, workdays
from hub.services.office.clocks import ClockReading
from models import Case, Clock

_MOST = 30  # lines of one notice; the queue shows the rest


def remind(session: Session) -> int:
    """Store a notice of the clocks that came near or passed since the last; returns how many."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_ALONE))):
        return 0
    changed = _changed(session)
    if not changed:
        return 0
    late = sum(due.reading.nearness == "overdue" for due in changed)
    title = f"法定期限提醒：{late} 件逾期，{len(changed) - late} 件将到期"
    lines = [_line(due) for due in changed[:_MOST]]
    if len(changed) > _MOST:
        lines.append(f"另有 {len(changed) - _MOST} 件，见待办列表。")
    notices.put(session, title, lines)
    for due in changed:
        due.reading.clock.told = due.reading.nearness
    return len(changed)


_ALONE = 0x72656D69  # one reminder at a time


class _Due(NamedTuple):
    reading: ClockReading
    case_id: int
    title: str


def _changed(session: Session) -> list[_Due]:
    day = clocks.today(session)
    near = workdays.add(day, clocks.SOON)
    rows = session.execute(
        select(Clock, Case.id, Case.title)
        .join(Case, Case.id == Clock.case_id)
        .where(
            Clock.ended_at.is_(None),
            Clock.stopped_on.is_(None),
            Clock.due_on <= near,
            # One reported as near is reported next when its last day is over.
            or_(Clock.told.is_(None), and_(Clock.told == "soon", Clock.due_on < day)),
        )
        .order_by(Clock.due_on, Clock.id)
    )
    due = [_Due(clocks.reading(clock, day), case_id, title) for clock, case_id, title in rows]
    return [each for each in due if each.reading.nearness != each.reading.clock.told]


def _line(due: _Due) -> str:
    reading = due.reading
    left = reading.left or 0
    when = f"逾期 {-left} 个工作日" if left < 0 else f"剩 {left} 个工作日"
    return f"C{due.case_id} {due.title[:40]}：{reading.rule.label}，{reading.clock.due_on}，{when}"
