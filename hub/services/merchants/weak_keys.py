"""Weak keys: they never join two merchants but suggest it to a person, with the evidence.

Name and address, name and region, and the sound of a name in its region are hashed to numbers,
so that finding who shares one costs one indexed look-up whatever the number of merchants.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session, aliased

from classifiers import names
from hub.services.merchants.blocking import COMMON
from hub.services.privacy.identities import NAMES, Fact
from models import Merchant, MerchantPair
from models.states import PairState

_MIN_NAME = 3  # characters from which a name is distinctive without an address
Proof = list[dict[str, Any]]

# Different codes or ID numbers mean different merchants, whatever their names.
_SUGGEST = text(
    """
    INSERT INTO merchant_pair (a_id, b_id, state, evidence)
    SELECT least(me.id, other.id), greatest(me.id, other.id), 'suggested', proof.evidence
    FROM unnest(CAST(:others AS bigint[]), CAST(:evidence AS jsonb[])) AS proof (id, evidence)
    JOIN merchant me ON me.id = :me
    JOIN merchant other ON other.id = proof.id
    WHERE (me.uscc IS NULL OR other.uscc IS NULL OR me.uscc = other.uscc)
      AND NOT (
        EXISTS (SELECT FROM identity WHERE merchant_id = me.id AND kind = 'id_number')
        AND EXISTS (SELECT FROM identity WHERE merchant_id = other.id AND kind = 'id_number'))
    ON CONFLICT (a_id, b_id) DO UPDATE
    SET evidence = merchant_pair.evidence || excluded.evidence
    WHERE merchant_pair.state = 'suggested'
      AND NOT merchant_pair.evidence @> excluded.evidence
    """
)


def evidence(fact: Fact) -> dict[str, Any]:
    """A fact as evidence of a join or a suggestion; a hash is named, not shown."""
    return {"kind": fact.kind, "value": fact.value, "shown": fact.shown}


def shared(
    found: dict[int, dict[str, Any]], near: dict[int, list[int]], barred: dict[int, Proof]
) -> dict[int, Proof]:
    """Evidence by merchant, from shared clues and from numbers that did not join; a clue that
    many share counts for none."""
    proofs = dict(barred)
    for clue, others in near.items():
        for other in others if len(others) <= COMMON else ():
            proofs[other] = [*proofs.get(other, []), found[clue]]
    return proofs


def suggest(session: Session, merchant_id: int, found: dict[int, Proof]) -> None:
    """Suggest to a person that a merchant is one of these (id -> evidence)."""
    if found:
        proofs = [json.dumps(proof) for proof in found.values()]
        values = {"me": merchant_id, "others": list(found), "evidence": proofs}
        session.execute(_SUGGEST, values)


def open_pairs(session: Session, merchant_id: int) -> list[MerchantPair]:
    """Open suggestions about a merchant, newest first."""
    a, b = aliased(Merchant), aliased(Merchant)
    query = (
        select(MerchantPair)
        .join(a, a.id == MerchantPair.a_id)
        .join(b, b.id == MerchantPair.b_id)
        .where(
            MerchantPair.state == PairState.suggested,
            or_(MerchantPair.a_id == merchant_id, MerchantPair.b_id == merchant_id),
            a.merged_into_id.is_(None),
            b.merged_into_id.is_(None),
        )
        .order_by(MerchantPair.at.desc())
        .limit(20)
    )
    return list(session.scalars(query))


def clues(
    told: list[Fact], region: str | None, skip_address: bool = False
) -> dict[int, dict[str, Any]]:
    """The clues in these facts, by their hash."""
    return {_number(clue): clue for clue in _clues(told, region, skip_address)}


def _clues(told: list[Fact], region: str | None, skip_address: bool) -> Proof:
    addresses = [f for f in told if f.kind == "address" and not skip_address]
    place = region[:6] if region and region[:6].isdigit() else ""
    found = []
    for name in (f for f in told if f.kind in NAMES):
        core = names.core(name.value)
        for where in addresses:
            shown = f"{name.shown}，{where.shown}"
            found.append(_clue("name_address", f"{core}|{where.value}", shown))
        if len(core) < _MIN_NAME:
            continue
        if place:
            found.append(_clue("name_region", f"{core}|{place}", f"{name.shown}，{region}"))
        # Without its region a sound is shared by unrelated merchants elsewhere.
        found.append(_clue("name_sound", f"{names.sound(name.value)}|{place}", name.shown or ""))
    return found


def _clue(kind: str, value: str, shown: str) -> dict[str, Any]:
    return {"kind": kind, "value": value, "shown": shown}


def _number(clue: dict[str, Any]) -> int:
    named = f"{clue['kind']}|{clue['value']}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), signed=True)
