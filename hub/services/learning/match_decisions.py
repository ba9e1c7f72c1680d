"""Officers' merges, splits and refusals from the database, as training data of the matcher.

A merge labels the centre of one claim and the other claim as the same; a split, a refused
suggestion and an undone merge label a wording and a claim as different. What the machine joined
and an approved decision left joined is labelled the same: without these, automatic joins would
only appear where they were wrong. Likeness is recomputed from the stored vectors, to those
wordings of the claim that did not arrive together with this one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from classifiers import fingerprint, matching
from classifiers.matching import FIRST, SHORT_WORDS, Candidate
from classifiers.normalize import is_generic, word_count
from classifiers.train.cuts import APART, SAME, MatchDecision
from models import Case, Label, Link, Wording
from models.states import LinkStatus

# Per claim, so that a large one does not outweigh the others.
MOST = 5


def gather(session: Session, encoder: str) -> list[MatchDecision]:
    """Every decision about two texts that this encoder version has read, oldest first."""
    told: Counter[tuple[int, str]] = Counter()
    found = []
    for link, label, at in _decided(session):
        if told[link.claim_id, label] == MOST:
            continue
        said = _measured(session, link, label, at, encoder)
        if said:
            told[link.claim_id, label] += 1
            found.append(said)
    return sorted(found, key=lambda each: each.at)


def _decided(session: Session) -> Iterator[tuple[Link, str, float]]:
    """Links that a person decided about, the label, and the time."""
    refused = Link.status == LinkStatus.dismissed
    merged = and_(Link.status == LinkStatus.joined, Link.method == "person")
    for link in session.scalars(select(Link).where(or_(refused, merged)).order_by(Link.id)):
        yield (
            link,
            APART if link.status == LinkStatus.dismissed else SAME,
            link.created_at.timestamp(),
        )
    approved = (
        select(Case.claim_id, func.min(Label.created_at).label("at"))
        .join(Label, Label.case_id == Case.id)
        .where(Label.task == "rumor", Label.via == "approve", Case.claim_id.is_not(None))
        .group_by(Case.claim_id)
        .subquery()
    )
    stood = (
        select(Link, approved.c.at)
        .join(approved, approved.c.claim_id == Link.claim_id)
        .where(
            Link.status == LinkStatus.joined, Link.method == "embedding",
            Link.created_at < approved.c.at,
            exists().where(Wording.id == Link.wording_id, Wording.claim_id == Link.claim_id),
        )
        .order_by(Link.id)
    )  # fmt: skip
    for link, at in session.execute(stood):
        yield link, SAME, at.timestamp()


def _measured(
    session: Session, link: Link, label: str, at: float, encoder: str
) -> MatchDecision | None:
    """None where no threshold is involved: another encoder, a generic text, a copy, or a claim
    without another wording."""
    wording = session.get_one(Wording, link.wording_id)
    if wording.encoder != encoder or is_generic(wording.text):
        return None
    there = _wordings(session, link, wording, encoder)
    if not there or _copied(wording, there):
        return None
    cosines = np.array([w.embedding for w in there]) @ np.array(wording.embedding)
    candidates = [
        Candidate(w.id, link.claim_id, w.text, None, float(cosine))
        for w, cosine in zip(there, cosines, strict=True)
    ]
    alike = [score for score in matching.likeness(wording.text, candidates) if score is not None]
    nearest = there[alike.index(max(alike))]
    return MatchDecision(
        wording.text,
        label,
        f"claim {link.claim_id}",
        at,
        lead=link.method == "person",
        nearest=max(alike),
        mean=sum(alike) / len(alike),
        several=len(alike) > 1,
        held=word_count(wording.text) < SHORT_WORDS
        or matching.details_differ(wording.text, nearest.text),
    )


def _wordings(session: Session, link: Link, wording: Wording, encoder: str) -> list[Wording]:
    """The claim's first wordings as the matcher saw them: without this one, those that arrived
    with it and, where the machine joined it, later ones."""
    query = select(Wording).where(
        or_(Wording.claim_id == link.claim_id, Wording.merged_from_id == link.claim_id),
        Wording.id != wording.id,
        Wording.encoder == encoder,
    )
    if wording.merged_from_id is not None and wording.merged_from_id != link.claim_id:
        query = query.where(Wording.merged_from_id.is_distinct_from(wording.merged_from_id))
    if link.status == LinkStatus.joined and link.method == "embedding":
        query = query.where(Wording.id < wording.id)
    return list(session.scalars(query.order_by(Wording.id).limit(FIRST)))


def _copied(wording: Wording, there: list[Wording]) -> bool:
    """Whether MinHash joins it, whatever the likeness."""
    limit = matching.thresholds()["minhash"]["same"]
    return any(
        wording.signature
        and each.signature
        and fingerprint.jaccard(wording.signature, each.signature) >= limit
        for each in there
    )
