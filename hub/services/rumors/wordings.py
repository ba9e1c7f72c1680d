"""Wordings: every distinct text once, with the claim it belongs to.

All texts of a batch are stored by one statement, with their claims, bands and links: a wording
whose claim was set afterwards would be written to all its indexes twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from classifiers.encoder import Encoder
from hub.locks import Lock, under
from hub.services.reports.reading import Reading
from hub.services.rumors import debunks, matching
from hub.services.rumors.matching import Homes
from hub.services.rumors.neighbours import halves
from models import Wording

_NUMBERS = text(
    "SELECT ARRAY(SELECT nextval(pg_get_serial_sequence('wording', 'id'))"
    "  FROM generate_series(1, :wordings)),"
    " ARRAY(SELECT nextval(pg_get_serial_sequence('claim', 'id'))"
    "  FROM generate_series(1, :claims))"
)
# Claims and wordings reference each other; one statement inserts both.
_INSERT = text(
    """
    WITH opened AS (
        INSERT INTO claim (id, centre_id)
        SELECT * FROM unnest(CAST(:claims AS bigint[]), CAST(:centres AS bigint[]))
    ), kept AS (
        INSERT INTO wording
            (id, claim_id, key, text, signature, embedding, vector_of_id, encoder, assessment)
        SELECT id, claim, key, said, signature, vector, vector_of, :encoder, assessment
        FROM unnest(
            CAST(:ids AS bigint[]), CAST(:homes AS bigint[]), CAST(:keys AS text[]),
            CAST(:texts AS text[]), CAST(:signatures AS bytea[]), CAST(:vectors AS halfvec[]),
            CAST(:vectors_of AS bigint[]), CAST(:assessments AS jsonb[])
        ) AS w (id, claim, key, said, signature, vector, vector_of, assessment)
    ), banded AS (
        INSERT INTO wording_band (band, wording_id)
        SELECT DISTINCT * FROM unnest(CAST(:bands AS bigint[]), CAST(:banded AS bigint[]))
    ), given AS (
        UPDATE wording SET claim_id = g.claim
        FROM unnest(CAST(:given AS bigint[]), CAST(:given_claims AS bigint[])) AS g (id, claim)
        WHERE wording.id = g.id
    )
    INSERT INTO link (wording_id, claim_id, near_wording_id, status, method, score, model)
    SELECT l.*, :encoder FROM unnest(
        CAST(:linked AS bigint[]), CAST(:to AS bigint[]), CAST(:near AS bigint[]),
        CAST(:status AS text[]), CAST(:method AS text[]), CAST(:score AS float[])
    ) AS l
    ON CONFLICT (wording_id, claim_id) DO NOTHING
    """
)


def known(session: Session, keys: Iterable[str]) -> dict[str, Wording]:
    """The wordings with these keys, without the columns needed only for new ones."""
    query = (
        select(Wording)
        .where(Wording.key.in_(set(keys)))
        .options(defer(Wording.embedding), defer(Wording.signature))
    )
    return {wording.key: wording for wording in session.scalars(query)}


@under(Lock.CLAIMS)
def settle(
    session: Session,
    encoder: Encoder,
    read: Mapping[str, Reading | None],
    wanting: Iterable[str],
) -> dict[str, Wording]:
    """The wordings with the keys of `read`, new ones created from their reading; those of the
    keys `wanting` without a claim get one, in that order. New ones are not objects of the
    session.

    Raises KeyError for a key that is neither known nor read.
    """
    wordings = known(session, read)
    new = {key: _read(read, key) for key in read if key not in wordings}
    homeless = [key for key in wanting if key in new or wordings[key].claim_id is None]
    if not new and not homeless:
        return wordings
    counted = {"wordings": len(new), "claims": len(homeless)}
    ids, claims = session.execute(_NUMBERS, counted).one()
    for id_, (key, reading) in zip(ids, new.items(), strict=True):
        wordings[key] = Wording(id=id_, key=key, assessment=reading.assessment)
    views = {
        wordings[key].id: new[key].view if key in new else matching.stored_view(wordings[key])
        for key in homeless
    }
    homes = matching.find_homes(session, encoder, views, claims)
    session.execute(_INSERT, _rows(encoder, {wordings[key].id: new[key] for key in new}, homes))
    for key in homeless:
        set_committed_value(wordings[key], "claim_id", homes.claims[wordings[key].id])
    debunks.link_to_wordings(session, encoder, list(homes.claims))
    return wordings


def _read(read: Mapping[str, Reading | None], key: str) -> Reading:
    reading = read[key]
    if reading is None:  # it was known when the batch was looked up but has gone since
        raise KeyError(key)
    return reading


def _rows(encoder: Encoder, new: Mapping[int, Reading], homes: Homes) -> dict[str, Any]:
    """The columns that `_INSERT` writes, one value a row."""
    bands = [(band, id_) for id_, r in new.items() for band in r.view.fingerprint.bands]
    given = [(id_, claim) for id_, claim in homes.claims.items() if id_ not in new]
    links = [
        (near.wording, near.claim, match.candidate.id, near.status, match.method, match.score)
        for near in homes.links
        for match in (near.match,)
    ]
    return {
        "encoder": encoder.version,
        **_columns(("claims", "centres"), homes.opened),
        **_new_rows(new, homes),
        **_columns(("bands", "banded"), bands),
        **_columns(("given", "given_claims"), given),
        **_columns(("linked", "to", "near", "status", "method", "score"), links),
    }


def _new_rows(new: Mapping[int, Reading], homes: Homes) -> dict[str, Any]:
    views = [reading.view for reading in new.values()]
    return {
        "ids": list(new),
        "homes": [homes.claims.get(id_) for id_ in new],
        "keys": [view.key for view in views],
        "texts": [view.text for view in views],
        "signatures": [view.fingerprint.signature for view in views],
        "vectors": [halves(view.vector) for view in views],
        "vectors_of": [view.vector_of for view in views],
        "assessments": [json.dumps(reading.assessment) for reading in new.values()],
    }


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}
