"""The versions of the deny-list: what changed in each, and which platform fetched it when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from hub.desk.merchants.deny_list_entries import PAGE, Viewer, named, visible
from hub.services.merchants import deny_list
from models import DenyChange, DenyEntry, DenyPull, Merchant, Platform


@dataclass(frozen=True)
class Change:
    """What changed in a version, and when each platform, by name, first had it."""

    version: int
    what: str
    detail: str | None
    at: datetime
    entry_id: int
    merchant_id: int
    name: str | None
    pulled: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Holding:
    """The version a platform has fetched, and its last request; None: never."""

    platform: str
    version: int | None
    asked_at: datetime | None
    behind: int  # changes it has not fetched


def listed(session: Session, viewer: Viewer, number: int = 1) -> tuple[list[Change], bool]:
    """The `number`-th page of the list's changes, newest first, and whether there are more."""
    seen = visible(viewer, "all", "").with_only_columns(DenyEntry.id)
    query = _versions().where(DenyChange.entry_id.in_(seen))
    found = _changes(session, viewer, query.offset((number - 1) * PAGE).limit(PAGE + 1))
    return found[:PAGE], len(found) > PAGE


def of_entry(session: Session, viewer: Viewer, entry_id: int) -> list[Change]:
    """The changes of one entry, newest first."""
    return _changes(session, viewer, _versions().where(DenyChange.entry_id == entry_id))


def holdings(session: Session) -> list[Holding]:
    """Every active platform and what it has fetched."""
    now = deny_list.version(session)
    rows = session.execute(
        select(Platform.name, func.max(DenyPull.version), func.max(DenyPull.last_at))
        .outerjoin(DenyPull, DenyPull.platform_id == Platform.id)
        .where(Platform.active)
        .group_by(Platform.id)
        .order_by(Platform.id)
    )
    return [Holding(name, has, at, now - (has or 0)) for name, has, at in rows]


def _versions() -> Select[DenyChange, DenyEntry, str | None]:
    return (
        select(DenyChange, DenyEntry, Merchant.name)
        .join(DenyEntry, DenyEntry.id == DenyChange.entry_id)
        .join(Merchant, Merchant.id == DenyEntry.merchant_id)
        .order_by(DenyChange.version.desc())
    )


def _changes(
    session: Session, viewer: Viewer, query: Select[DenyChange, DenyEntry, str | None]
) -> list[Change]:
    rows = session.execute(query).all()
    pulls = _pulls(session, min((change.version for change, _, _ in rows), default=0))
    return [
        Change(
            change.version,
            change.what,
            change.said if viewer.named or change.what != "ended" else None,
            change.at,
            entry.id,
            entry.merchant_id,
            named(viewer, name),
            _first_had(pulls, change.version),
        )
        for change, entry, name in rows
    ]


def _pulls(session: Session, since: int) -> list[tuple[str, int, datetime]]:
    """(platform's name, version, first fetch) of the versions from `since` on."""
    rows = session.execute(
        select(Platform.name, DenyPull.version, DenyPull.first_at)
        .join(Platform, Platform.id == DenyPull.platform_id)
        .where(DenyPull.version >= since)
        .order_by(DenyPull.first_at)
    )
    return [(name, version, at) for name, version, at in rows]


def _first_had(pulls: Sequence[tuple[str, int, datetime]], version: int) -> dict[str, datetime]:
    """When each platform first had a version: that one, or a later one, which includes it."""
    found: dict[str, datetime] = {}
    for name, fetched, at in pulls:
        if fetched >= version:
            found.setdefault(name, at)
    return found
