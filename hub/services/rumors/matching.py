"""Matching of rumors in other words: each wording belongs to the claim it repeats.

Candidates come from `neighbours`, the verdict from `classifiers.matching`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder
from classifiers.fingerprint import fingerprint
from classifiers.matching import Match, View, strength
from classifiers.normalize import is_generic, word_count
from hub import locks
from hub.locks import Lock
from hub.services.rumors.neighbours import Neighbours
from models import Link, Wording
from models.states import LinkStatus

SUGGESTIONS = 5  # stored per wording


def ensure_index(session: Session, encoder: Encoder) -> None:
    """The HNSW indexes for this encoder's width. Encoders of other widths have their own."""
    dim = int(encoder.dim)
    for table, column, known in (
        ("wording", "embedding", "claim_id IS NOT NULL AND "),
        ("debunk", "embedding", ""),
        ("debunk", "told_embedding", ""),
    ):
        name = f"ix_{table}_{column}_{dim}"
        if session.scalar(select(func.to_regclass(name))):
            continue
        locks.hold(session, Lock.CLAIMS)
        session.execute(
            text(
                f"CREATE INDEX IF NOT EXISTS {name} ON {table} "
                f"USING hnsw (({column}::halfvec({dim})) halfvec_cosine_ops) "
                f"WHERE {known}vector_dims({column}) = {dim}"
            )
        )


def stored_view(wording: Wording) -> View:
    """The view of a stored wording."""
    return View(
        text=wording.text,
        key=wording.key,
        words=word_count(wording.text),
        generic=is_generic(wording.text),
        fingerprint=fingerprint(wording.text),
        vector=np.asarray(wording.embedding, np.float32),
        vector_of=wording.vector_of_id,
    )


@dataclass(frozen=True)
class ClaimLink:
    """Why a wording belongs to a claim, or might: a row of `link`."""

    wording: int
    claim: int
    status: str
    match: Match


@dataclass
class Homes:
    """`claims`: of each wording; `opened`: new claims, each with its centre."""

    claims: dict[int, int] = field(default_factory=dict)
    opened: list[tuple[int, int]] = field(default_factory=list)
    links: list[ClaimLink] = field(default_factory=list)


def find_homes(
    session: Session, encoder: Encoder, homeless: Mapping[int, View], numbers: Sequence[int]
) -> Homes:
    """The claims of these wordings (by id, in order): that of the best match, or a new one, with
    the next of `numbers` as its id. Nothing is written.

    Suggestions are stored as links for a person; they move nothing. A wording that joins one claim
    and says the same as another too is a bridge: it proposes to merge them, unless a person has
    separated these two.
    """
    homes = Homes()
    if not homeless:
        return homes
    near = Neighbours.of(session, list(homeless.values()), encoder)
    for n, (wording, number) in enumerate(zip(homeless, numbers, strict=True)):
        found = near.matches(n)
        same = next((m for m in found if m.verdict == "same"), None)
        if same:
            home = same.candidate.claim
            homes.links.append(ClaimLink(wording, home, LinkStatus.joined, same))
            bridged = [m for m in found if m is not same and strength(m) >= 1]
            proposed = [m for m in bridged if not _separated(session, home, m.candidate.claim)]
        else:
            home, proposed = number, found
            homes.opened.append((home, wording))
        for match in proposed[:SUGGESTIONS]:
            homes.links.append(
                ClaimLink(wording, match.candidate.claim, LinkStatus.suggested, match)
            )
        homes.claims[wording] = home
        near.join(n, wording, home)
    return homes


def _separated(session: Session, one: int, other: int) -> bool:
    """Whether a person decided that wordings of these claims are not the same."""
    here = select(Wording.id).where(Wording.claim_id == one)
    there = select(Wording.id).where(Wording.claim_id == other)
    either = or_(
        and_(Link.claim_id == other, Link.wording_id.in_(here)),
        and_(Link.claim_id == one, Link.wording_id.in_(there)),
    )
    return bool(session.scalar(select(exists().where(Link.status == LinkStatus.dismissed, either))))


def suggested(session: Session, claim_id: int, limit: int = 10) -> list[tuple[Link, int]]:
    """Open suggestions about a claim, both ways: (link, the other claim's id), best first."""
    own = select(Link, Wording.claim_id).join(Wording, Wording.id == Link.wording_id)
    either = or_(
        and_(Wording.claim_id == claim_id, Link.claim_id != claim_id),
        and_(Link.claim_id == claim_id, Wording.claim_id != claim_id),
    )
    rows = session.execute(
        own.where(Link.status == LinkStatus.suggested, either)
        .order_by(Link.score.desc())
        .limit(3 * limit)
    ).all()
    best: dict[int, tuple[Link, int]] = {}
    for link, here in rows:
        other = link.claim_id if here == claim_id else int(here or 0)
        best.setdefault(other, (link, other))
    return list(best.values())[:limit]
