"""Platforms' queries of the deny-list 限制入驻名单: all of it, changes, who is on it.

A merchant is *denied* by an exact identifier: credit code, or the keyed hash of an ID
number, licence, payout account or phone. A legal name alone is only *possible*: somebody at the
platform has to check, as two merchants may have the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hub.services.merchants import deny_list
from hub.services.privacy import identities
from models import DenyEntry, Merchant

# In force, with the current merchant: the entry of a joined merchant moves with it.
_IN_FORCE = "d.starts_at <= now() AND d.ended_at IS NULL AND coalesce(d.expires_at > now(), true)"
_CHECK = text(
    f"""
    SELECT DISTINCT ON (asked.place) asked.place, asked.kind, d.id, d.reason, d.starts_at,
           d.expires_at, d.appeal_state
    FROM unnest(CAST(:places AS int[]), CAST(:kinds AS text[]), CAST(:values AS text[]))
        AS asked (place, kind, value)
    JOIN LATERAL (
        SELECT id AS merchant_id FROM merchant WHERE asked.kind = 'uscc' AND uscc = asked.value
        UNION
        (SELECT merchant_id FROM identity
         WHERE kind = asked.kind AND value = asked.value LIMIT 200)
    ) AS held ON true
    JOIN deny_entry AS d ON d.merchant_id = held.merchant_id AND {_IN_FORCE}
    LEFT JOIN shared_value AS shared
        ON shared.kind = asked.kind AND shared.value = asked.value AND shared.stopped
    WHERE shared.kind IS NULL
    ORDER BY asked.place, asked.kind = 'legal_name', d.id
    """
)


def check(session: Session, merchants: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A verdict for each merchant, in their order: ``denied``, ``possible`` or ``clear``.

    One statement whatever their number. A merchant is a report's ``subject`` as it was sent;
    its numbers are hashed in place and not stored.
    """
    warnings: list[str] = []
    asked: list[tuple[int, str, str]] = []
    for place, merchant in enumerate(merchants):
        warnings += identities.hash_numbers(merchant, f"merchants[{place}]")
        for fact in identities.facts(merchant):
            if fact.exact or fact.kind == "legal_name":
                asked += [(place, fact.kind, value) for value in (fact.value, *fact.also)]
    found = {row.place: row for row in session.execute(_CHECK, _columns(asked))} if asked else {}
    results = [_verdict(place, found.get(place)) for place in range(len(merchants))]
    answer: dict[str, Any] = {"version": deny_list.version(session), "results": results}
    return answer | ({"warnings": warnings} if warnings else {})


def _columns(asked: list[tuple[int, str, str]]) -> dict[str, list[Any]]:
    places, kinds, values = zip(*asked, strict=True)
    return {"places": list(places), "kinds": list(kinds), "values": list(values)}


def _verdict(place: int, row: Any) -> dict[str, Any]:
    if row is None:
        return {"index": place, "verdict": "clear"}
    return {
        "index": place,
        "verdict": "possible" if row.kind == "legal_name" else "denied",
        "by": row.kind,
        "entry": f"deny_{row.id}",
        "reason": row.reason,
        "since": row.starts_at.isoformat(),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "appeal": row.appeal_state and row.appeal_state.lower(),
    }


def page(session: Session, after: int, limit: int) -> dict[str, Any]:
    """Entries changed since version `after`, in the order of their last change; ended ones too,
    so that clients remove them from their copies. Entries expire by themselves: compare dates."""
    rows = session.execute(
        select(DenyEntry, Merchant)
        .join(Merchant, Merchant.id == DenyEntry.merchant_id)
        .where(DenyEntry.version > after)
        .order_by(DenyEntry.version)
        .limit(limit + 1)
    ).all()
    kept = rows[:limit]
    return {
        "version": deny_list.version(session),
        "entries": [_entry(entry, merchant) for entry, merchant in kept],
        "next": kept[-1][0].version if kept else after,
        "more": len(rows) > limit,
    }


def _entry(entry: DenyEntry, merchant: Merchant) -> dict[str, Any]:
    return {
        "entry": f"deny_{entry.id}",
        "version": entry.version,
        "uscc": merchant.uscc,
        "merchant_name": merchant.name,
        "license_no": merchant.license_no,
        "reason": entry.reason,
        "since": entry.starts_at.isoformat(),
        "expires_at": entry.expires_at and entry.expires_at.isoformat(),
        "ended_at": entry.ended_at and entry.ended_at.isoformat(),
        "appeal": entry.appeal_state and entry.appeal_state.lower(),
    }
