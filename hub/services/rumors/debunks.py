"""The debunk library 辟谣库: checked claims from a file, linked to the wordings they may refute.

Records are imported without vectors, so that importing loads no model. Workers encode them when no
report waits, and search both ways: a new wording among the debunks, a new debunk among the
wordings. Pages read the resulting links.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import TextClause, case, delete, exists, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers.debunk import NearDebunk, nearest, with_explanation
from classifiers.encoder import Encoder
from classifiers.normalize import normalize
from classifiers.rerank import TextAndClaim
from hub.locks import Lock, under
from hub.services.rumors.debunk_file import Record, columns
from models import Debunk, Wording, WordingDebunk

CANDIDATES = 30  # debunks compared with a wording: by the claim, and by claim and explanation
WORDINGS = 200  # wordings compared with a debunk, likewise: one rumor may have very many
_CHANGEABLE = ("date", "verdict", "explanation", "url")
# Set by encoding; records without it wait to be encoded.
_FORGOTTEN: dict[str, Any] = dict.fromkeys(("encoder", "embedding", "told_embedding"))


def key_of(record: Record) -> str:
    """Hex sha256 of source and claim, folded: the same record imported again is the same row."""
    claim = "".join(unicodedata.normalize("NFKC", record.claim).casefold().split())
    return hashlib.sha256(f"{record.source}\n{claim}".encode()).hexdigest()


def keep(session: Session, records: Iterable[Record]) -> tuple[int, int]:
    """Store records; (new ones, known ones whose verdict or explanation changed)."""
    rows = {key_of(r): {"key": key_of(r), **columns(r)} for r in records}
    if not rows:
        return 0, 0
    statement = pg_insert(Debunk).values(list(rows.values()))
    sent = statement.excluded
    # A changed explanation is another text: the record is encoded again.
    read = case((Debunk.explanation == sent.explanation, Debunk.encoder))
    done = session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={name: sent[name] for name in _CHANGEABLE} | {"encoder": read},
            where=tuple_(*(getattr(Debunk, name) for name in _CHANGEABLE)).is_distinct_from(
                tuple_(*(sent[name] for name in _CHANGEABLE))
            ),
        ).returning(text("xmax = 0"))
    ).scalars()
    inserted = list(done)
    return sum(inserted), len(inserted) - sum(inserted)


def count(session: Session) -> dict[str, int]:
    """{records, unread, links}: all, not encoded yet, and linked to a wording."""
    columns = (
        select(func.count()).select_from(Debunk),
        select(func.count()).where(Debunk.encoder.is_(None)),
        select(func.count()).select_from(WordingDebunk),
    )
    row = session.execute(select(*(each.scalar_subquery() for each in columns))).one()
    return dict(zip(("records", "unread", "links"), row, strict=True))


def waiting(session: Session) -> bool:
    """Whether a record waits to be encoded."""
    return bool(session.scalar(select(exists().where(Debunk.encoder.is_(None)))))


@dataclass(frozen=True)
class Unread:
    """A record that is not encoded yet: its claim, and the claim with its explanation, both
    normalized."""

    id: int
    claim: str
    told: str


def unread(session: Session, limit: int = 32) -> list[Unread]:
    """Records that are not encoded yet."""
    query = select(Debunk.id, Debunk.claim, Debunk.explanation).where(Debunk.encoder.is_(None))
    found = []
    for row in session.execute(query.order_by(Debunk.id).limit(limit)):
        claim = normalize(row.claim)
        found.append(Unread(row.id, claim, with_explanation(claim, row.explanation)))
    return found


def drop_other_vectors(session: Session, encoder: Encoder) -> int:
    """Have records of another encoder encoded again. Returns how many."""
    found = session.scalars(
        update(Debunk)
        .where(Debunk.encoder.is_not(None), Debunk.encoder != encoder.version)
        .values(**_FORGOTTEN)
        .returning(Debunk.id)
    )
    return len(found.all())


@under(Lock.CLAIMS)
def store_vectors(
    session: Session, encoder: Encoder, records: list[Unread], vectors: np.ndarray
) -> None:
    """Store vectors and link each record to the wordings near it. `vectors`
    are those of the claims, then of the claims with their explanations, (2n, dim)."""
    n = len(records)
    for record, claim, whole in zip(records, vectors[:n], vectors[n:], strict=True):
        session.execute(
            update(Debunk)
            .where(Debunk.id == record.id)
            .values(
                text=record.claim,
                told=record.told,
                embedding=claim.tolist(),
                told_embedding=whole.tolist(),
                encoder=encoder.version,
            )
        )
        _link_debunk(session, encoder, record.id)


def _link_debunk(session: Session, encoder: Encoder, debunk_id: int) -> None:
    session.execute(text(f"SET LOCAL hnsw.ef_search = {WORDINGS}"))
    session.execute(delete(WordingDebunk).where(WordingDebunk.debunk_id == debunk_id))
    rows = session.execute(
        _pairs("wording w", "debunk d", "w.claim_id IS NOT NULL", encoder, WORDINGS),
        {"ids": [debunk_id], "encoder": encoder.version},
    )
    pairs = [
        TextAndClaim(row.w, row.wording, row.claim, row.told, row.cosine, row.whole) for row in rows
    ]
    _store_links(session, [(near.pair.id, debunk_id, near) for near in nearest(pairs, limit=None)])


@under(Lock.CLAIMS)
def link_to_wordings(session: Session, encoder: Encoder, wording_ids: Sequence[int]) -> None:
    """Look these wordings up in the library, once."""
    rows = session.execute(
        _pairs("debunk d", "wording w", "true", encoder, CANDIDATES),
        {"ids": list(wording_ids), "encoder": encoder.version},
    )
    pairs: dict[int, list[TextAndClaim]] = defaultdict(list)
    for row in rows:
        pair = TextAndClaim(row.d, row.wording, row.claim, row.told, row.cosine, row.whole)
        pairs[row.w].append(pair)
    _store_links(
        session, [(w, near.pair.id, near) for w, own in pairs.items() for near in nearest(own)]
    )


def _pairs(among: str, of: str, where: str, encoder: Encoder, limit: int) -> TextClause:
    """Rows :ids of table `of` beside the rows of `among` (each "table alias") that are nearest to
    each by the claim's vector, or by that of claim and explanation; with both cosines."""
    one, other = of[-1], among[-1]
    width = f"halfvec({int(encoder.dim)})"

    def distance(vector: str) -> str:
        return f"w.embedding::{width} <=> d.{vector}::{width}"

    def near(vector: str) -> str:
        mine, theirs = ("embedding", vector) if one == "w" else (vector, "embedding")
        return (
            f"SELECT {one}.id AS one, near.id AS other FROM {of} CROSS JOIN LATERAL ("
            f" SELECT {other}.id FROM {among} WHERE {where}"
            f" AND vector_dims({other}.{theirs}) = {int(encoder.dim)}"
            f" ORDER BY {other}.{theirs}::{width} <=> {one}.{mine}::{width} LIMIT {limit}"
            f") AS near WHERE {one}.id = ANY(CAST(:ids AS bigint[]))"
        )

    return text(
        f"WITH near AS ({near('embedding')} UNION {near('told_embedding')})"
        f" SELECT w.id AS w, d.id AS d, w.text AS wording, d.text AS claim, d.told,"
        f" 1 - ({distance('embedding')}) AS cosine, 1 - ({distance('told_embedding')}) AS whole"
        f" FROM near JOIN {among} ON {other}.id = near.other JOIN {of} ON {one}.id = near.one"
        f" WHERE w.encoder = :encoder AND d.encoder = :encoder AND w.embedding IS NOT NULL"
    )


def _store_links(session: Session, found: Sequence[tuple[int, int, NearDebunk]]) -> None:
    """Store links: (wording, debunk, likeness)."""
    if not found:
        return
    statement = pg_insert(WordingDebunk).values(
        [
            {"wording_id": w, "debunk_id": d, "likeness": near.likeness, "close": near.close}
            for w, d, near in found
        ]
    )
    values = {name: statement.excluded[name] for name in ("likeness", "close")}
    session.execute(
        statement.on_conflict_do_update(index_elements=["wording_id", "debunk_id"], set_=values)
    )


@under(Lock.CLAIMS)
def relink(session: Session, encoder: Encoder, after: int, limit: int = 200) -> int | None:
    """Link the next `limit` wordings after id `after` again; the last one's id, None at the
    end."""
    ids = session.scalars(
        select(Wording.id)
        .where(Wording.id > after, Wording.claim_id.is_not(None))
        .order_by(Wording.id)
        .limit(limit)
    ).all()
    if not ids:
        return None
    session.execute(delete(WordingDebunk).where(WordingDebunk.wording_id.in_(ids)))
    link_to_wordings(session, encoder, ids)
    return ids[-1]
