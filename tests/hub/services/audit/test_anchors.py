"""An anchor in other hands tells whether the log is the one it was made of."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from hub.services.audit import anchors, audit_log


def noted(session, n: int) -> None:
    for number in range(n):
        audit_log.note(session, "zhou", "approve", None, decision=number)
    session.commit()


def test_an_anchor_vouches_for_the_log_as_it_was(session):
    noted(session, 4)
    anchor = json.dumps(anchors.make(session)).encode()
    noted(session, 2)
    assert anchors.check(session, anchor) == 4


def test_a_log_written_anew_does_not_fit_the_anchor(session):
    noted(session, 4)
    anchor = json.dumps(anchors.make(session)).encode()
    session.execute(text("TRUNCATE audit_entry, audit_checkpoint RESTART IDENTITY"))
    for number in range(6):
        audit_log.note(session, "zhou", "reject", None, decision=number)
    session.commit()
    assert audit_log.verify(session) == (6, None)
    with pytest.raises(anchors.Broken, match="not the one that was anchored"):
        anchors.check(session, anchor)


@pytest.mark.parametrize("field", sorted(anchors.FIELDS))
def test_an_altered_anchor_is_refused(session, field):
    noted(session, 4)
    anchor = anchors.make(session)
    kept = anchor[field]
    other = "1" if str(kept).startswith("0") else "0"  # never the letter it already was
    anchor[field] = kept + 1 if isinstance(kept, int) else other + kept[1:]
    with pytest.raises(anchors.Broken):
        anchors.check(session, json.dumps(anchor).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b'{"hash": 1}', b"null"])
def test_what_is_no_anchor_is_refused(session, raw):
    with pytest.raises(anchors.Broken, match="no anchor"):
        anchors.check(session, raw)
