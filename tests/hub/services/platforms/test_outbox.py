"""A message to a platform is a row whose bytes are fixed when it is written."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace

from sqlalchemy import select

from hub.database import session_scope
from hub.services.platforms import outbox
from models import Delivery, Platform


def _platforms(session) -> list[Platform]:
    made = [
        Platform(slug=s, name=s, endpoint="https://x.example/", active=s != "pdd")
        for s in ("jd", "pdd", "suning")
    ]
    session.add_all(made)
    session.commit()
    return made


def test_a_message_names_who_speaks_and_to_whom_inside_its_bytes(monkeypatch):
    monkeypatch.setattr(outbox, "settings", lambda: SimpleNamespace(issuer="hub-1"))
    said = json.loads(outbox.message("jd", "test.ping", 3, {"note": "测试"}))
    assert (said["iss"], said["aud"], said["seq"]) == ("hub-1", "jd", 3)
    assert said["type"] == "test.ping" and said["data"] == {"note": "测试"}
    assert "测试".encode() in outbox.message("jd", "test.ping", 3, {"note": "测试"})


def test_only_platforms_in_use_are_locked_and_in_one_order(session):
    jd, pdd, suning = _platforms(session)
    assert [p.slug for p in outbox.lock_platforms(session)] == ["jd", "suning"]
    ids = [suning.id, pdd.id, jd.id]
    assert [p.slug for p in outbox.lock_platforms(session, ids)] == ["jd", "suning"]


def test_numbers_are_given_once_and_without_a_gap_to_all_who_write_at_once(session):
    jd = _platforms(session)[0]
    given: list[int] = []

    def write() -> None:
        with session_scope() as other:
            platform = other.get_one(Platform, jd.id)
            seq = outbox.next_seq(other, platform)
            outbox.put(other, platform, "test.ping", seq, {})
            given.append(seq)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [1, 2, 3, 4, 5, 6]
    kept = session.scalars(select(Delivery)).all()
    assert sorted(json.loads(bytes(d.body))["seq"] for d in kept) == sorted(given)
    assert len({d.webhook_id for d in kept}) == 6 and {d.state for d in kept} == {"PENDING"}
