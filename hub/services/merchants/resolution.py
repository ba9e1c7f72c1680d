"""Who a report is about: the merchant 商户 behind a shop, under whatever it is known by.

A credit code whose check digits hold, platform and shop id, and the keyed hashes of ID number,
licence, payout account and phone join automatically; names, addresses and regions only suggest
(see `weak_keys`). A number does not join two merchants if there is contrary evidence: different
codes, different ID numbers, dissimilar legal names, a person's decision, or a number that several
merchants show. docs/developers/merchants.md has the rules in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from classifiers import names
from hub.database import among
from hub.locks import Lock, under
from hub.services.merchants import blocking, conflicts, merging, shared_values, weak_keys
from hub.services.merchants.blocking import Known, Side
from hub.services.privacy.identities import Fact, facts
from hub.services.reports.leased_report import Leased
from models import Merchant

# Strongest evidence first.
_STRENGTH = ("id_number", "license_no", "payout_account", "phone")


@under(Lock.CLAIMS)
def resolve_all(session: Session, items: Sequence[Leased]) -> None:
    """The merchant that each report names, as `item.merchant_id`."""
    for item in items:
        ref = item.payload.get("subject")
        item.merchant_id = resolve(session, item.platform_id, ref, item.id)
    named = {item.merchant_id for item in items if item.merchant_id}
    if not named:
        return
    gone = select(Merchant.id).where(
        Merchant.id == among(named), Merchant.merged_into_id.is_not(None)
    )
    stay = {id_: merging.live(session, id_) for id_ in session.scalars(gone)}
    for item in items:  # a later report of the batch may have shown that two are one
        now = stay.get(item.merchant_id or 0)
        item.merchant_id = now.id if now else item.merchant_id


@under(Lock.CLAIMS)
def resolve(
    session: Session, platform_id: int, ref: dict[str, Any] | None, report_id: int | None = None
) -> int | None:
    """Id of the merchant that `ref` (a report's ``subject``) names, made if new; None if it names
    none. May join two merchants."""
    told = facts(ref) if ref else []
    if not ref or not (ref.get("shop_id") or any(f.exact for f in told)):
        return None
    code = next((f for f in told if f.kind == "uscc"), None)
    session.flush()  # what is pending must be seen by the two statements
    counted = [f for f in told if f.kind in shared_values.LIMITS]
    known = blocking.look(
        session, platform_id, ref.get("shop_id"), code.value if code else None, counted
    )
    known.stopped |= shared_values.stop_at_limit(session, told, known.holders)
    source = {
        "platform": platform_id, "shop": known.shop, "own_shop": True, "report": report_id
    }  # fmt: skip
    merchant = known.owner
    if code:
        merchant, told, source["own_shop"] = _by_code(session, known, code, told, source)
    merchant, barred = _by_numbers(session, known, told, merchant)
    clues = weak_keys.clues(told, ref.get("region"), "address" in known.stopped)
    kept = blocking.keep(session, merchant, ref, told, list(clues), source)
    conflicts.over_names(session, kept, known.sides.get(kept.merchant), platform_id, report_id)
    weak_keys.suggest(session, kept.merchant, weak_keys.shared(clues, kept.near, barred))
    return kept.merchant


def _by_code(
    session: Session, known: Known, code: Fact, told: list[Fact], source: dict[str, Any]
) -> tuple[int | None, list[Fact], bool]:
    """The merchant by shop and credit code, the facts that hold for it, and whether the shop is
    its own. A shop known by its id alone gets the code it now shows, and brings all it has."""
    by_code = next(iter(known.holders.get("uscc", ())), None)
    if known.owner is None or known.owner == by_code:
        return by_code, told, True
    side = known.sides[known.owner]
    if side.uscc and side.uscc != code.value:
        conflicts.over_code(session, known, code, source["platform"], source["report"])
        return by_code, told, False
    if by_code is None:
        return known.owner, told, True
    if merging.apart(session, known.owner, by_code):
        return known.owner, [f for f in told if f is not code], True
    known.sides[by_code] = _united(side, known.sides[by_code])
    return _join(session, known.owner, by_code, code), told, True


def _by_numbers(
    session: Session, known: Known, told: list[Fact], merchant: int | None
) -> tuple[int | None, dict[int, list[dict[str, Any]]]]:
    """The merchant by hashed numbers, joined with `merchant` where no evidence is contrary; and
    the merchants not joined because of it, with what they share."""
    by_kind = {f.kind: f for f in told}
    side = _united(_of_report(by_kind), known.sides[merchant] if merchant else Side())
    found = _NumberMatch(session, known, merchant, side)
    for kind in _STRENGTH:
        if kind in by_kind and kind not in known.stopped:
            found.add(by_kind[kind])
    settled = {*found.gone, found.merchant}
    return found.merchant, {id_: p for id_, p in found.barred.items() if id_ not in settled}


@dataclass
class _NumberMatch:
    """The merchant that a report's numbers lead to, as one number after the other is added."""

    session: Session
    known: Known
    merchant: int | None
    side: Side
    barred: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # and what they share
    gone: set[int] = field(default_factory=set)  # merged into another

    def add(self, fact: Fact) -> None:
        holders = self.known.holders.get(fact.kind, set()) - self.gone
        for holder in sorted(holders - {self.merchant}):
            if len(holders) > 1 or self._kept_out(holder):
                self.barred.setdefault(holder, []).append(weak_keys.evidence(fact))
            else:
                self._take(holder, fact)

    def _kept_out(self, holder: int) -> bool:
        if _against(self.side, self.known.sides[holder]):
            return True
        return self.merchant is not None and merging.apart(self.session, self.merchant, holder)

    def _take(self, holder: int, by: Fact) -> None:
        other = self.known.sides[holder]
        if self.merchant is not None:
            self.gone |= {self.merchant, holder}
            holder = _join(self.session, holder, self.merchant, by)
            self.gone.discard(holder)
        self.merchant, self.side = holder, _united(self.side, other)
        self.known.sides[holder] = self.side


def _of_report(by_kind: dict[str, Fact]) -> Side:
    def values(kind: str) -> set[str]:
        return {by_kind[kind].value} if kind in by_kind else set()

    return Side(next(iter(values("uscc")), None), values("id_number"), values("legal_name"))


def _against(one: Side, other: Side) -> bool:
    """Whether these cannot be one merchant, or are unlikely to be."""
    if one.uscc and other.uscc and one.uscc != other.uscc:
        return True
    if _differ(one.ids, other.ids):
        return True
    pairs = [(a, b) for a in one.names for b in other.names]
    return bool(pairs) and not any(names.alike(a, b) for a, b in pairs)


def _differ(ids: set[str], others: set[str]) -> bool:
    """Two sets of hashed ID numbers without a common one; hashes of different keys say nothing."""
    keys = {i.split(":")[0] for i in ids} & {i.split(":")[0] for i in others}
    return bool(keys) and not ids & others


def _join(session: Session, one: int, other: int, by: Fact) -> int:
    merchants = session.get_one(Merchant, one), session.get_one(Merchant, other)
    return merging.join(session, *merchants, [weak_keys.evidence(by)]).id


def _united(one: Side, other: Side) -> Side:
    return Side(one.uscc or other.uscc, one.ids | other.ids, one.names | other.names)
