"""The same rumor in other words: candidates from PostgreSQL, the verdict from classifiers.

In order of cost: identical normalised text, a shared MinHash band, nearest embeddings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import and_, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers import evidence
from classifiers.encoder import Encoder
from classifiers.fingerprint import fingerprint
from classifiers.matching import (
    FIRST,
    Candidate,
    Match,
    View,
    decide,
    strength,
    twin,
    within_reach,
)
from classifiers.normalize import is_generic, word_count
from models import Claim, Link, Wording, WordingBand

_MATCHING = 7_202_001  # advisory lock: who may open or change claims
NEAREST = 20  # embeddings compared; more changed no verdict on the development files
MAX_BAND_CANDIDATES = 50
SUGGESTIONS = 5  # kept of one wording
# The wordings that share most bands with each text :n. Of a band that very many share, the first
# count: a rumor of ten thousand wordings has them in every band.
_SHARING = (
    "SELECT near.n, w.id, w.claim_id AS claim, w.text, w.signature, {more} FROM ("
    " SELECT q.n, b.wording_id,"
    "  row_number() OVER (PARTITION BY q.n ORDER BY count(*) DESC, b.wording_id) AS rank"
    " FROM unnest(CAST(:n AS int[]), CAST(:bands AS bigint[])) AS q(n, band)"
    " CROSS JOIN LATERAL (SELECT wording_id FROM wording_band WHERE band = q.band"
    f"  ORDER BY wording_id LIMIT {MAX_BAND_CANDIDATES}) AS b GROUP BY q.n, b.wording_id) AS near"
    " JOIN wording w ON w.id = near.wording_id WHERE near.rank <= :most AND {where}"
)
_TWINS = text(
    _SHARING.format(more="w.embedding", where="w.vector_of_id IS NULL AND w.encoder = :encoder")
).columns(embedding=HALFVEC())
_NEIGHBOURS = text(_SHARING.format(more="NULL AS cosine", where="w.claim_id IS NOT NULL"))
TWINS = 8  # candidates for a twin: near-copies share most bands


def whole_text(body: str, payload: dict[str, Any]) -> str:
    """Title, text and what the pictures say, as one: what is matched and classified. Positions
    of cues count in this."""
    content = payload.get("content") or {}
    title = content.get("title")
    said = f"{title}\n{body}" if title and title not in body else body
    return evidence.beside(said, content.get("evidence_text"))


def alone(session: Session) -> None:
    """Wait until no other transaction opens or changes claims, and keep others out.

    Two workers that meet two wordings of one new rumor at once would both open a claim;
    under this lock the second sees the first's. Models run before, never under it.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _MATCHING})


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
        alone(session)
        session.execute(
            text(
                f"CREATE INDEX IF NOT EXISTS {name} ON {table} "
                f"USING hnsw (({column}::halfvec({dim})) halfvec_cosine_ops) "
                f"WHERE {known}vector_dims({column}) = {dim}"
            )
        )


def with_twins(session: Session, seen: Sequence[View], encoder: Encoder) -> list[View]:
    """The same views; near-copies of a known wording with the vector it has of its own. A
    borrowed vector is never lent again: likeness would drift from copy to copy."""
    values = {**_bands(seen), "most": TWINS, "encoder": encoder.version}
    rows = session.execute(_TWINS, values).all()
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    vectors = {row.id: row.embedding for row in rows}
    for row in rows:
        candidates[row.n].append(Candidate(row.id, row.claim, row.text, row.signature, None))
    twins = [twin(view, candidates[n]) for n, view in enumerate(seen)]
    return [
        replace(view, vector=np.asarray(vectors[like.id], np.float32), vector_of=like.id)
        if like
        else view
        for view, like in zip(seen, twins, strict=True)
    ]


def matches(session: Session, view: View, encoder: Encoder) -> list[Match]:
    """What `view` says the same as, or might; best first. Never chains suggestions."""
    found = {c.id: c for c in _candidates(session, view, encoder)}
    reach = within_reach(view, list(found.values()))
    found |= {c.id: c for c in _first_wordings(session, view, encoder, reach)}
    return decide(view, list(found.values()))


def _candidates(session: Session, view: View, encoder: Encoder) -> list[Candidate]:
    found = {c.id: c for c in _sharing_a_band(session, view)}
    found |= {row.id: Candidate(**row._mapping) for row in _nearest(session, view, encoder)}
    return list(found.values())


def _first_wordings(
    session: Session, view: View, encoder: Encoder, claims: set[int]
) -> list[Candidate]:
    """The first wordings of these claims: what they say on the whole."""
    if not claims:
        return []
    width = f"halfvec({encoder.dim})"
    rows = session.execute(
        text(
            f"SELECT w.id, w.claim_id AS claim, w.text, w.signature, CASE WHEN w.encoder = :encoder"
            f" THEN 1 - (w.embedding::{width} <=> CAST(:v AS {width})) END AS cosine"
            f" FROM unnest(CAST(:claims AS bigint[])) AS c(id) CROSS JOIN LATERAL"
            f" (SELECT * FROM wording WHERE claim_id = c.id ORDER BY id LIMIT {FIRST}) AS w"
        ),
        {"v": str(view.vector.tolist()), "encoder": encoder.version, "claims": sorted(claims)},
    ).all()
    return [Candidate(**row._mapping) for row in rows]


def _nearest(session: Session, view: View, encoder: Encoder):
    session.execute(text("SET LOCAL hnsw.ef_search = 100"))
    return session.execute(
        text(
            f"SELECT id, claim_id AS claim, text, signature, 1 - d AS cosine FROM ("
            f" SELECT id, claim_id, text, signature, encoder,"
            f"  embedding::halfvec({encoder.dim}) <=> CAST(:v AS halfvec({encoder.dim})) AS d"
            f" FROM wording WHERE claim_id IS NOT NULL"
            f"  AND vector_dims(embedding) = {encoder.dim}"
            f" ORDER BY d LIMIT {NEAREST}) AS near WHERE encoder = :encoder"
        ),
        {"v": str(view.vector.tolist()), "encoder": encoder.version},
    ).all()


def _sharing_a_band(session: Session, view: View) -> list[Candidate]:
    rows = session.execute(_NEIGHBOURS, {**_bands([view]), "most": MAX_BAND_CANDIDATES})
    return [Candidate(r.id, r.claim, r.text, r.signature, r.cosine) for r in rows]


def _bands(seen: Sequence[View]) -> dict[str, list[int]]:
    """The bands of all texts, and of each the number of its text."""
    pairs = [(n, band) for n, view in enumerate(seen) for band in view.fingerprint.bands]
    return {"n": [n for n, _ in pairs], "bands": [band for _, band in pairs]}


def keep_wording(session: Session, view: View, encoder: Encoder, assessment: dict) -> Wording:
    """The row of this text, made if new."""
    statement = pg_insert(Wording).values(
        key=view.key,
        text=view.text,
        signature=view.fingerprint.signature,
        embedding=view.vector.tolist(),
        vector_of_id=view.vector_of,
        encoder=encoder.version,
        assessment=assessment,
    )
    made = session.scalar(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(Wording.id)
    )
    if made and view.fingerprint.bands:
        rows = [{"band": band, "wording_id": made} for band in set(view.fingerprint.bands)]
        session.execute(pg_insert(WordingBand).values(rows).on_conflict_do_nothing())
    return session.scalars(select(Wording).where(Wording.key == view.key)).one()


def stored_view(wording: Wording) -> View:
    """The view of a wording as it was kept."""
    return View(
        text=wording.text,
        key=wording.key,
        words=word_count(wording.text),
        generic=is_generic(wording.text),
        fingerprint=fingerprint(wording.text),
        vector=np.asarray(wording.embedding, np.float32),
        vector_of=wording.vector_of_id,
    )


def join_claim(session: Session, wording: Wording, found: Sequence[Match], model: str) -> bool:
    """Give `wording` its claim: that of the best match, or a new one. True when new.

    Suggestions are kept as links for a person; they move nothing. A wording that joins one claim
    and says the same as another too is a bridge: it proposes to merge them, unless a person has
    parted these two.
    """
    same = next((m for m in found if m.verdict == "same"), None)
    if same:
        home = same.candidate.claim
        wording.claim_id = home
        _link(session, wording.id, home, "joined", same, model)
        bridged = [m for m in found if m is not same and strength(m) >= 1]
        proposed = [m for m in bridged if not _parted(session, home, m.candidate.claim)]
    else:
        claim = Claim(centre_id=wording.id)
        session.add(claim)
        session.flush()
        wording.claim_id = claim.id
        proposed = list(found)
    for match in proposed[:SUGGESTIONS]:
        _link(session, wording.id, match.candidate.claim, "suggested", match, model)
    return same is None


def _parted(session: Session, one: int, other: int) -> bool:
    """Whether a person said of wordings of these claims that they are not one."""
    here = select(Wording.id).where(Wording.claim_id == one)
    there = select(Wording.id).where(Wording.claim_id == other)
    either = or_(
        and_(Link.claim_id == other, Link.wording_id.in_(here)),
        and_(Link.claim_id == one, Link.wording_id.in_(there)),
    )
    return bool(session.scalar(select(exists().where(Link.status == "dismissed", either))))


def _link(
    session: Session, wording_id: int, claim_id: int, status: str, match: Match, model: str
) -> None:
    statement = pg_insert(Link).values(
        wording_id=wording_id,
        claim_id=claim_id,
        near_wording_id=match.candidate.id,
        status=status,
        method=match.method,
        score=match.score,
        model=model,
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["wording_id", "claim_id"]))


def suggested(session: Session, claim_id: int, limit: int = 10) -> list[tuple[Link, int]]:
    """Open suggestions about a claim, both ways: (link, the other claim's id), best first."""
    own = select(Link, Wording.claim_id).join(Wording, Wording.id == Link.wording_id)
    either = or_(
        and_(Wording.claim_id == claim_id, Link.claim_id != claim_id),
        and_(Link.claim_id == claim_id, Wording.claim_id != claim_id),
    )
    rows = session.execute(
        own.where(Link.status == "suggested", either).order_by(Link.score.desc()).limit(3 * limit)
    ).all()
    best: dict[int, tuple[Link, int]] = {}
    for link, here in rows:
        other = link.claim_id if here == claim_id else int(here or 0)
        best.setdefault(other, (link, other))
    return list(best.values())[:limit]
