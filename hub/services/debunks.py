"""The debunk library 辟谣库: checked claims from a file, and which wordings they are near to.

Records come in without vectors, so that importing loads no model. Workers read them when no
report waits, and look up both ways: a new wording among the debunks, a new debunk among the
wordings. Pages read what was found.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

import numpy as np
from sqlalchemy import delete, exists, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from classifiers.debunk import MAX_EXPLANATION, nearest
from classifiers.encoder import Encoder
from classifiers.matching import Candidate
from classifiers.normalize import normalize
from hub.services.debunk_file import Record
from models import Debunk, Wording, WordingDebunk

CANDIDATES = 20  # debunks compared with a wording
WORDINGS = 200  # wordings compared with a debunk: one rumor may have very many
_CHANGEABLE = ("date", "verdict", "explanation", "url")


def key_of(record: Record) -> str:
    """Hex sha256 of source and claim, folded: the same record imported again is the same row."""
    claim = "".join(unicodedata.normalize("NFKC", record.claim).casefold().split())
    return hashlib.sha256(f"{record.source}\n{claim}".encode()).hexdigest()


def keep(session: Session, records: Iterable[Record]) -> tuple[int, int]:
    """Store records; (new ones, known ones whose verdict or explanation changed)."""
    rows = {key_of(r): {"key": key_of(r), **r.columns()} for r in records}
    if not rows:
        return 0, 0
    statement = pg_insert(Debunk).values(list(rows.values()))
    sent = statement.excluded
    done = session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={name: sent[name] for name in _CHANGEABLE},
            where=tuple_(*(getattr(Debunk, name) for name in _CHANGEABLE)).is_distinct_from(
                tuple_(*(sent[name] for name in _CHANGEABLE))
            ),
        ).returning(text("xmax = 0"))
    ).scalars()
    inserted = list(done)
    return sum(inserted), len(inserted) - sum(inserted)


def count(session: Session) -> dict[str, int]:
    """{records, unread, links}: how many there are, wait for a worker, stand at a wording."""
    columns = (
        select(func.count()).select_from(Debunk),
        select(func.count()).where(Debunk.encoder.is_(None)),
        select(func.count()).select_from(WordingDebunk),
    )
    row = session.execute(select(*(each.scalar_subquery() for each in columns))).one()
    return dict(zip(("records", "unread", "links"), row, strict=True))


def waiting(session: Session) -> bool:
    """Whether a record waits to be read by a worker."""
    return bool(session.scalar(select(exists().where(Debunk.encoder.is_(None)))))


def unread(session: Session, limit: int = 32) -> dict[int, str]:
    """Claims that no worker has read yet, by id, normalized."""
    query = select(Debunk.id, Debunk.claim).where(Debunk.encoder.is_(None)).limit(limit)
    return {id_: normalize(claim) for id_, claim in session.execute(query.order_by(Debunk.id))}


def forget_readings(session: Session, encoder: Encoder) -> int:
    """Let workers read again what another encoder read. Returns how many."""
    found = session.scalars(
        update(Debunk)
        .where(Debunk.encoder.is_not(None), Debunk.encoder != encoder.version)
        .values(encoder=None, embedding=None)
        .returning(Debunk.id)
    )
    return len(found.all())


def learn(session: Session, encoder: Encoder, texts: dict[int, str], vectors: np.ndarray) -> None:
    """Keep what the encoder read (`texts` by debunk, `vectors` in their order) and stand each
    at the wordings it is near to. Call under `matching.alone`."""
    for (id_, claim), vector in zip(texts.items(), vectors, strict=True):
        explanation = session.scalar(
            update(Debunk)
            .where(Debunk.id == id_)
            .values(text=claim, embedding=vector.tolist(), encoder=encoder.version)
            .returning(Debunk.explanation)
        )
        _stand_at_wordings(session, encoder, id_, claim, explanation or "")


def _stand_at_wordings(
    session: Session, encoder: Encoder, debunk_id: int, claim: str, explanation: str
) -> None:
    session.execute(text(f"SET LOCAL hnsw.ef_search = {WORDINGS}"))
    rows = session.execute(
        _nearest_rows("wording", "debunk", "AND t.claim_id IS NOT NULL", encoder, WORDINGS),
        {"id": debunk_id, "encoder": encoder.version},
    ).all()
    candidates = [Candidate(row.id, 0, row.text, None, row.cosine) for row in rows]
    for near in nearest(claim, candidates, explanation=explanation, limit=None):
        _put(session, near.candidate.id, debunk_id, near.likeness, near.close)


def stand(session: Session, encoder: Encoder, wording: Wording) -> None:
    """Look a wording up in the library, once. Call under `matching.alone`."""
    rows = session.execute(
        _nearest_rows("debunk", "wording", "", encoder, CANDIDATES),
        {"id": wording.id, "encoder": encoder.version},
    ).all()
    candidates = [Candidate(row.id, 0, row.text, None, row.cosine) for row in rows]
    for near in nearest(wording.text, candidates, [row.explanation for row in rows]):
        _put(session, wording.id, near.candidate.id, near.likeness, near.close)


def _nearest_rows(among: str, of: str, more: str, encoder: Encoder, limit: int):
    """The rows of table `among` nearest to row :id of table `of`, by cosine."""
    width = f"halfvec({encoder.dim})"
    known = f"left(t.explanation, {MAX_EXPLANATION})" if among == "debunk" else "''"
    return text(
        f"SELECT id, text, explanation, 1 - d AS cosine FROM ("
        f" SELECT t.id, t.text, {known} AS explanation, t.encoder, t.embedding::{width} <=>"
        f"  (SELECT o.embedding::{width} FROM {of} o WHERE o.id = :id) AS d"
        f" FROM {among} t WHERE vector_dims(t.embedding) = {encoder.dim} {more}"
        f" ORDER BY d LIMIT {limit}) AS near WHERE encoder = :encoder AND d IS NOT NULL"
    )


def _put(session: Session, wording_id: int, debunk_id: int, likeness: float, close: bool) -> None:
    values = {"likeness": likeness, "close": close}
    session.execute(
        pg_insert(WordingDebunk)
        .values(wording_id=wording_id, debunk_id=debunk_id, **values)
        .on_conflict_do_update(index_elements=["wording_id", "debunk_id"], set_=values)
    )


def stand_again(session: Session, encoder: Encoder, after: int, limit: int = 200) -> int | None:
    """Look up anew the next `limit` wordings behind id `after`; the last one's id, None at the
    end. Call under `matching.alone`."""
    wordings = session.scalars(
        select(Wording)
        .where(Wording.id > after, Wording.claim_id.is_not(None))
        .order_by(Wording.id)
        .limit(limit)
    ).all()
    if not wordings:
        return None
    ids = [wording.id for wording in wordings]
    session.execute(delete(WordingDebunk).where(WordingDebunk.wording_id.in_(ids)))
    for wording in wordings:
        stand(session, encoder, wording)
    return ids[-1]
