"""Blocking for entity resolution: one statement finds the merchants that share an identity with a
report, another stores the report's identities.

Each is one round trip whatever the number of merchants: every look-up uses an index, and values
or clues that many merchants share are cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hub.services.privacy.identities import Fact

COMMON = 8  # merchants with one clue, beyond which it points to nobody

_LOOK = text(
    """
    WITH hit AS MATERIALIZED (
        SELECT 'shop' AS kind, CAST(id AS text) AS value, merchant_id, false AS stopped
        FROM shop WHERE platform_id = :platform AND shop_id = :shop
        UNION ALL
        SELECT 'uscc', uscc, id, false FROM merchant WHERE uscc = CAST(:code AS text)
        UNION ALL
        SELECT f.kind, f.value, held.merchant_id, coalesce(v.stopped, false)
        FROM unnest(CAST(:kinds AS text[]), CAST(:values AS text[])) AS f (kind, value)
        LEFT JOIN shared_value v ON v.kind = f.kind AND v.value = f.value
        LEFT JOIN LATERAL (
            SELECT DISTINCT merchant_id FROM (
                SELECT merchant_id FROM identity
                WHERE kind = f.kind AND value = f.value AND v.stopped IS NOT TRUE LIMIT 200
            ) AS few
        ) AS held ON true
    ), met AS MATERIALIZED (
        SELECT DISTINCT merchant_id FROM hit WHERE merchant_id IS NOT NULL AND kind <> 'address'
    )
    SELECT 'hit' AS what, kind, value, merchant_id, stopped FROM hit
    UNION ALL
    SELECT 'side', 'uscc', s.uscc, s.id, false
    FROM met JOIN merchant s ON s.id = met.merchant_id
    UNION ALL
    SELECT 'side', i.kind, i.value, i.merchant_id, false
    FROM met JOIN identity i ON i.merchant_id = met.merchant_id
    WHERE i.kind IN ('id_number', 'legal_name')
    """
)

_KEEP = text(
    f"""
    WITH told AS MATERIALIZED (
        SELECT CAST(:merchant AS bigint) AS merchant, CAST(:code AS text) AS code,
               CAST(:name AS text) AS name, CAST(:license_no AS text) AS license_no,
               CAST(:address AS text) AS address, CAST(:region AS text) AS region,
               CAST(:platform AS bigint) AS platform, CAST(:shop AS bigint) AS shop,
               CAST(:shop_id AS text) AS shop_id, CAST(:shop_name AS text) AS shop_name
    ), made AS (
        INSERT INTO merchant (uscc, name, license_no, address, region)
        SELECT code, name, license_no, address, region FROM told WHERE merchant IS NULL
        RETURNING id
    ), me AS MATERIALIZED (
        SELECT coalesce(merchant, (SELECT id FROM made)) AS id FROM told
    ), filled AS (
        UPDATE merchant AS s SET
            uscc = coalesce(s.uscc, told.code),
            name = coalesce(s.name, told.name),
            license_no = coalesce(s.license_no, told.license_no),
            address = coalesce(s.address, told.address),
            region = coalesce(s.region, told.region)
        FROM told
        WHERE s.id = told.merchant AND (
            (s.uscc IS NULL AND told.code IS NOT NULL)
            OR (s.name IS NULL AND told.name IS NOT NULL)
            OR (s.license_no IS NULL AND told.license_no IS NOT NULL)
            OR (s.address IS NULL AND told.address IS NOT NULL)
            OR (s.region IS NULL AND told.region IS NOT NULL))
    ), opened AS (
        INSERT INTO shop (merchant_id, platform_id, shop_id, name)
        SELECT me.id, platform, shop_id, shop_name FROM me, told
        WHERE shop IS NULL AND shop_id IS NOT NULL RETURNING id
    ), kept AS (
        INSERT INTO identity (merchant_id, kind, value, shown, platform_id, shop_id, report_id)
        SELECT me.id, f.kind, f.value, f.shown, told.platform,
               CASE WHEN CAST(:own_shop AS boolean)
                   THEN coalesce(told.shop, (SELECT id FROM opened)) END,
               CAST(:report AS bigint)
        FROM me, told, unnest(
            CAST(:kinds AS text[]), CAST(:values AS text[]), CAST(:shown AS text[])
        ) AS f (kind, value, shown)
        ON CONFLICT (kind, value, platform_id, shop_id)
        DO UPDATE SET last_seen = now(), report_id = excluded.report_id
        RETURNING kind, value, (xmax = 0) AS fresh
    ), clue AS (
        INSERT INTO merchant_clue (key, merchant_id)
        SELECT k.key, me.id FROM me, unnest(CAST(:clues AS bigint[])) AS k (key)
        ON CONFLICT DO NOTHING RETURNING key
    )
    SELECT 'me' AS what, '' AS kind, '' AS value, id AS number, 0 AS clue FROM me
    UNION ALL
    SELECT 'fresh', kind, value, 0, 0 FROM kept WHERE fresh
    UNION ALL
    SELECT 'near', '', '', near.merchant_id, clue.key
    FROM clue CROSS JOIN LATERAL (
        SELECT merchant_id FROM merchant_clue
        WHERE key = clue.key AND merchant_id <> (SELECT id FROM me) LIMIT {COMMON + 1}
    ) AS near
    """
)


@dataclass
class Side:
    """The identifiers that may rule out that two merchants are one."""

    uscc: str | None = None
    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


@dataclass
class Known:
    """What the database knows about a report's shop and identities."""

    shop: int | None = None
    owner: int | None = None  # of the shop
    holders: dict[str, set[int]] = field(default_factory=dict)  # by kind
    stopped: set[str] = field(default_factory=set)  # kinds whose value is too common to join by
    sides: dict[int, Side] = field(default_factory=dict)


@dataclass
class Kept:
    """The result of storing a report's identities: its merchant, its new facts, and the
    merchants that share a clue (by clue)."""

    merchant: int
    fresh: list[Fact]
    near: dict[int, list[int]]


def look(
    session: Session, platform_id: int, shop_id: str | None, code: str | None, told: Sequence[Fact]
) -> Known:
    """The merchants known by the report's shop, its code, or one of its facts."""
    asked = [(f.kind, value) for f in told for value in (f.value, *f.also)]
    values = {
        "platform": platform_id,
        "shop": shop_id or "",
        "code": code,
        "kinds": [kind for kind, _ in asked],
        "values": [value for _, value in asked],
    }
    known = Known()
    for what, kind, value, merchant, stopped in session.execute(_LOOK, values):
        if what == "side":
            _add(known.sides.setdefault(merchant, Side()), kind, value)
        elif kind == "shop":
            known.shop, known.owner = int(value), merchant
        elif stopped:
            known.stopped.add(kind)
        elif merchant:
            known.holders.setdefault(kind, set()).add(merchant)
    return known


def _add(side: Side, kind: str, value: str | None) -> None:
    if kind == "uscc":
        side.uscc = value
    elif value:
        (side.ids if kind == "id_number" else side.names).add(value)


def keep(
    session: Session,
    merchant: int | None,
    ref: dict[str, Any],
    told: Sequence[Fact],
    clues: Sequence[int],
    source: dict[str, Any],
) -> Kept:
    """Store a report's identities under `merchant`, which is created if None.

    `source`: platform, shop (row id or None), own_shop, report. The first value of each
    descriptive field stays.
    """
    values = {
        **source,
        **_described(ref),
        "merchant": merchant,
        "code": next((f.value for f in told if f.kind == "uscc"), None),
        "kinds": [f.kind for f in told],
        "values": [f.value for f in told],
        "shown": [f.shown for f in told],
        "clues": list(clues),
    }
    kept, fresh = Kept(0, [], {}), set()
    for what, kind, value, number, clue in session.execute(_KEEP, values):
        if what == "me":
            kept.merchant = number
        elif what == "fresh":
            fresh.add((kind, value))
        else:
            kept.near.setdefault(clue, []).append(number)
    kept.fresh = [f for f in told if (f.kind, f.value) in fresh]
    return kept


def _described(ref: dict[str, Any]) -> dict[str, str | None]:
    """The descriptive fields of a merchant and its shop, as a report names them."""
    return {
        "name": ref.get("merchant_name") or ref.get("shop_name"),
        "license_no": ref.get("license_no"),
        "address": ref.get("address"),
        "region": ref["region"][:12] if ref.get("region") else None,
        "shop_id": ref.get("shop_id"),
        "shop_name": ref.get("shop_name"),
    }
