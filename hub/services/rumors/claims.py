"""Merges and splits of claims by a person, which the machine never undoes."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from hub.locks import Lock, under
from models import Case, Claim, Link, User, Wording
from models.states import LinkStatus


@under(Lock.CLAIMS)
def move(session: Session, user: User, claim_id: int, into_id: int) -> None:
    """Move all wordings of a claim to another; they remember where they came from."""
    session.execute(
        update(Wording)
        .where(Wording.claim_id == claim_id)
        .values(claim_id=into_id, merged_from_id=claim_id)
    )
    session.get_one(Claim, claim_id).merged_into_id = into_id
    _record_decision(session, user, claim_id, into_id, LinkStatus.joined)


@under(Lock.CLAIMS)
def restore(session: Session, claim_id: int, from_id: int) -> None:
    """Move wordings back to the claim that they were merged from."""
    session.execute(
        update(Wording)
        .where(Wording.claim_id == from_id, Wording.merged_from_id == claim_id)
        .values(claim_id=claim_id, merged_from_id=None)
    )
    session.get_one(Claim, claim_id).merged_into_id = None
    wordings = select(Wording.id).where(Wording.claim_id == claim_id)
    session.execute(
        update(Link)
        .where(Link.wording_id.in_(wordings), Link.claim_id == from_id)
        .values(status=LinkStatus.dismissed, created_at=func.now())
    )


@under(Lock.CLAIMS)
def split(
    session: Session, user: User, case: Case, new: Case, centre_id: int, wording_ids: set[int]
) -> None:
    """Make a claim of its own, that of the new case, of these wordings."""
    claim = Claim(centre_id=centre_id)
    session.add(claim)
    session.flush()
    new.claim_id = claim.id
    session.execute(update(Wording).where(Wording.id.in_(wording_ids)).values(claim_id=claim.id))
    for wording_id in wording_ids:
        _person_link(session, user, wording_id, case.claim_id or 0, LinkStatus.dismissed)


def _record_decision(
    session: Session, user: User, claim_id: int, into_id: int, status: str
) -> None:
    """Record a person's decision about the centre of a claim and another claim."""
    centre = session.get_one(Claim, claim_id).centre_id
    if centre is not None:
        _person_link(session, user, centre, into_id, status)


def _person_link(session: Session, user: User, wording_id: int, claim_id: int, status: str) -> None:
    values = {"status": status, "method": "person", "score": 1.0, "by_user_id": user.id}
    statement = pg_insert(Link).values(
        wording_id=wording_id, claim_id=claim_id, model="-", **values
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["wording_id", "claim_id"],
            set_={**values, "created_at": func.now()},
        )
    )
