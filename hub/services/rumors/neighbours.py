"""Candidates for what the texts of a batch might repeat, from PostgreSQL, for all texts at once.

In order of cost: a shared MinHash band, the nearest vectors, and the first wordings of the claims
in reach; a statement each, whatever the number of texts. Texts joined earlier in the batch are
candidates for later ones, as if each had been a batch of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy import Result, text
from sqlalchemy.orm import Session

from classifiers.encoder import Encoder
from classifiers.matching import FIRST, Candidate, Match, View, decide, twin, within_reach

NEAREST = 20  # embeddings compared; more changed no verdict on the development files
MAX_BAND_CANDIDATES = 50
TWINS = 8  # candidates for a twin: near-copies share most bands
# The wordings that share most bands with each text :n. Of a band that very many share, the first
# count: a rumor of ten thousand wordings has them in every band.
_SHARING = (
    "SELECT near.n, w.id, w.claim_id AS claim, w.text, w.signature FROM ("
    " SELECT q.n, b.wording_id,"
    "  row_number() OVER (PARTITION BY q.n ORDER BY count(*) DESC, b.wording_id) AS rank"
    " FROM unnest(CAST(:n AS int[]), CAST(:bands AS bigint[])) AS q(n, band)"
    " CROSS JOIN LATERAL (SELECT wording_id FROM wording_band WHERE band = q.band"
    f"  ORDER BY wording_id LIMIT {MAX_BAND_CANDIDATES}) AS b GROUP BY q.n, b.wording_id) AS near"
    " JOIN wording w ON w.id = near.wording_id WHERE near.rank <= :most AND {where}"
)
_TWINS = text(_SHARING.format(where="w.vector_of_id IS NULL AND w.encoder = :encoder"))
_NEIGHBOURS = text(_SHARING.format(where="w.claim_id IS NOT NULL"))
_VECTORS = text(
    "SELECT id, halfvec_send(embedding) AS raw FROM wording WHERE id = ANY(CAST(:ids AS bigint[]))"
)
_NEAREST = (
    "SELECT q.n - 1 AS n, w.id, w.claim, w.text, w.signature, 1 - w.d AS cosine"
    " FROM unnest(CAST(:vectors AS halfvec[])) WITH ORDINALITY AS q(v, n) CROSS JOIN LATERAL ("
    "  SELECT id, claim_id AS claim, text, signature, encoder,"
    "   embedding::halfvec({dim}) <=> q.v::halfvec({dim}) AS d"
    "  FROM wording WHERE claim_id IS NOT NULL AND vector_dims(embedding) = {dim}"
    f"  ORDER BY d LIMIT {NEAREST}) AS w WHERE w.encoder = :encoder"
)
_FIRST = text(
    "SELECT w.id, w.claim_id AS claim, w.text, w.signature,"
    " CASE WHEN w.encoder = :encoder THEN halfvec_send(w.embedding) END AS raw"
    " FROM unnest(CAST(:claims AS bigint[])) AS c(id) CROSS JOIN LATERAL"
    f" (SELECT * FROM wording WHERE claim_id = c.id ORDER BY id LIMIT {FIRST}) AS w"
)


def with_twins(session: Session, seen: Sequence[View], encoder: Encoder) -> list[View]:
    """The same views; near-copies of a known wording reuse its vector. A reused vector is never
    reused again: likeness would drift from copy to copy."""
    if not seen:
        return []
    values = {**_bands(seen), "most": TWINS, "encoder": encoder.version}
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    for row in session.execute(_TWINS, values):
        candidates[row.n].append(Candidate(row.id, row.claim, row.text, row.signature, None))
    twins = [twin(view, candidates[n]) for n, view in enumerate(seen)]
    rows = session.execute(_VECTORS, {"ids": list({like.id for like in twins if like})})
    vectors = {row.id: _vector(row.raw) for row in rows}
    return [
        replace(view, vector=vectors[like.id], vector_of=like.id) if like else view
        for view, like in zip(seen, twins, strict=True)
    ]


@dataclass(frozen=True)
class _Wording:
    """One of a claim's first wordings; `vector` None where another encoder read it."""

    id: int
    text: str
    signature: bytes
    vector: np.ndarray | None


@dataclass
class Neighbours:
    """The neighbours of each text of a batch; `seen` are their views, with vectors."""

    seen: Sequence[View]
    cosines: np.ndarray  # (n, n), of the texts among themselves
    found: list[dict[int, Candidate]]  # of each text, by wording
    reach: list[set[int]]  # of each text, the claims it might join
    first: dict[int, list[_Wording]]  # of each claim in reach
    joined: dict[int, tuple[int, int]] = field(default_factory=dict)  # n -> (wording, claim)

    @classmethod
    def of(cls, session: Session, seen: Sequence[View], encoder: Encoder) -> Neighbours:
        """Query the neighbours of all texts."""
        found: list[dict[int, Candidate]] = [{} for _ in seen]
        for r in session.execute(_NEIGHBOURS, {**_bands(seen), "most": MAX_BAND_CANDIDATES}):
            found[r.n][r.id] = Candidate(r.id, r.claim, r.text, r.signature, None)
        for r in _nearest(session, seen, encoder):
            found[r.n][r.id] = Candidate(r.id, r.claim, r.text, r.signature, r.cosine)
        around = zip(seen, found, strict=True)
        reach = [within_reach(view, list(near.values())) for view, near in around]
        first = _first_wordings(session, set().union(*reach), encoder)
        vectors = np.stack([view.vector for view in seen])
        return cls(seen, vectors @ vectors.T, found, reach, first)

    def matches(self, n: int) -> list[Match]:
        """The matches and suggestions of text `n`, best first. Suggestions are never chained."""
        view = self.seen[n]
        before = self._joined_before(n)
        near = self.found[n] | {c.id: c for c in before}
        claims = self.reach[n] | within_reach(view, before)
        near |= {c.id: c for claim in claims for c in self._first(n, claim)}
        return decide(view, list(near.values()))

    def join(self, n: int, wording: int, claim: int) -> None:
        """Record that text `n`, as this wording, belongs to this claim from now on."""
        self.joined[n] = wording, claim

    def _joined_before(self, n: int) -> list[Candidate]:
        """Texts of the batch that share a band or are as near as the nearest of the others."""
        bands, least, found = set(self.seen[n].fingerprint.bands), self._least(n), []
        for m, (wording, claim) in self.joined.items():
            cosine = float(self.cosines[n, m])
            near, other = cosine >= least, self.seen[m]
            if near or bands.intersection(other.fingerprint.bands):
                print_ = other.fingerprint.signature
                found.append(
                    Candidate(wording, claim, other.text, print_, cosine if near else None)
                )
        return found

    def _least(self, n: int) -> float:
        cosines = [c.cosine for c in self.found[n].values() if c.cosine is not None]
        return min(cosines) if len(cosines) >= NEAREST else -1.0

    def _first(self, n: int, claim: int) -> list[Candidate]:
        """The first wordings of a claim, which stand for the whole."""
        known = [
            Candidate(
                w.id, claim, w.text, w.signature,
                None if w.vector is None else float(self.seen[n].vector @ w.vector),
            )
            for w in self.first.get(claim, ())
        ]  # fmt: skip
        new = [
            Candidate(
                wording, claim, self.seen[m].text, self.seen[m].fingerprint.signature,
                float(self.cosines[n, m]),
            )
            for m, (wording, its) in self.joined.items()
            if its == claim
        ]  # fmt: skip
        return sorted([*known, *new], key=lambda c: c.id)[:FIRST]


def _nearest(session: Session, seen: Sequence[View], encoder: Encoder) -> Result[*tuple[Any, ...]]:
    session.execute(text("SET LOCAL hnsw.ef_search = 100"))
    vectors = [halves(view.vector) for view in seen]
    return session.execute(
        text(_NEAREST.format(dim=int(encoder.dim))),
        {"vectors": vectors, "encoder": encoder.version},
    )


def _first_wordings(
    session: Session, claims: set[int], encoder: Encoder
) -> dict[int, list[_Wording]]:
    first: dict[int, list[_Wording]] = defaultdict(list)
    if claims:
        values = {"claims": sorted(claims), "encoder": encoder.version}
        for row in session.execute(_FIRST, values):
            vector = None if row.raw is None else _vector(row.raw)
            first[row.claim].append(_Wording(row.id, row.text, row.signature, vector))
    return first


def _bands(seen: Sequence[View]) -> dict[str, list[int]]:
    """The bands of all texts, each with the number of its text."""
    pairs = [(n, band) for n, view in enumerate(seen) for band in view.fingerprint.bands]
    return {"n": [n for n, _ in pairs], "bands": [band for _, band in pairs]}


def halves(vector: np.ndarray) -> str:
    """A vector as a pgvector literal; five digits hold a half float."""
    return "[" + ",".join([f"{x:.5g}" for x in vector.tolist()]) + "]"


def _vector(raw: bytes) -> np.ndarray:
    """float32 (dim,) of what `halfvec_send` gives: two counts of two bytes, then half floats."""
    return np.frombuffer(raw, ">f2", offset=4).astype(np.float32)
