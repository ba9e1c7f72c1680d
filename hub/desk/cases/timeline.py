"""What happened to a case, newest first: from the audit log and the arrival of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.desk import words
from hub.desk.cases.evidence import Arrival
from hub.services.audit import audit_log
from hub.services.enforcement.measures import CATALOGUE
from models import AuditEntry, Case, User

_ENTRIES = 200


@dataclass(frozen=True)
class Event:
    """One event: who did what, with some detail; ``case`` is another case it concerns."""

    at: datetime
    who: str
    what: str
    more: str = ""
    case: int | None = None


def events(
    session: Session, case: Case, names: dict[str, str], arrivals: Iterable[Arrival]
) -> list[Event]:
    """The newest audit entries of a case, and when each platform's reports came in."""
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.case_id == case.id)
        .order_by(AuditEntry.id.desc())
        .limit(_ENTRIES)
    ).all()
    people = people_of(session, entries)
    done = [event(e, people, names) for e in entries]
    return sorted(done + _arrived(arrivals), key=lambda e: e.at, reverse=True)


def people_of(session: Session, entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Username to display name of the officers in these entries."""
    actors = {e.actor for e in entries}
    rows = session.execute(select(User.username, User.name).where(User.username.in_(actors)))
    return {username: name for username, name in rows}


def event(entry: AuditEntry, people: dict[str, str], names: dict[str, str]) -> Event:
    """An audit entry in words."""
    slug = audit_log.actor_platform(entry.actor)
    who = people.get(entry.actor, entry.actor) if slug is None else names.get(slug, slug)
    detail = entry.detail
    other = next((detail[k] for k in ("into", "took", "out_of", "new") if k in detail), None)
    return Event(entry.at, who, words.action(entry.action), _more(detail), other)


def _more(detail: dict[str, Any]) -> str:
    """The rest of an entry's detail, in Chinese where it has words for it."""
    parts = []
    if detail.get("codes"):
        parts.append("、".join(_measure(code) for code in detail["codes"]))
    if detail.get("platforms"):
        parts.append(f"下达{len(detail['platforms'])}个平台")
    if detail.get("reports"):
        parts.append(f"{detail['reports']}件举报")
    if detail.get("result"):
        parts.append(words.EXECUTION.get(detail["result"], detail["result"]))
    parts += [str(detail[k]) for k in ("reason", "why", "appeal") if detail.get(k)]
    return "；".join(parts)


def _measure(code: str) -> str:
    return CATALOGUE[code].label if code in CATALOGUE else code


def _arrived(arrivals: Iterable[Arrival]) -> list[Event]:
    found = []
    for each in arrivals:
        found.append(Event(each.first, each.platform, "首次转来举报"))
        if each.last > each.first:
            found.append(Event(each.last, each.platform, "最近转来举报", f"累计{each.reports}件"))
    return found
