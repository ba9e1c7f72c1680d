"""The library of debunked claims: what comes in, and which wordings it stands at."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub import locks
from hub.jobs import assess, sweep
from hub.locks import Lock
from hub.services.rumors import debunk_file, debunks
from models import Debunk, Wording, WordingDebunk
from tests.hub.services.rumors.debunk_lines import CHECKED, FAR, line

RUMOR = "紧急提醒：石塘镇明天零点起停电五天，变电站着火了，大家赶快去买蜡烛和桶装水"
AGAIN = "石塘镇明天零点起停电五天，变电站着火，赶快去买蜡烛和桶装水，转给家人"


@pytest.fixture
def library(session):
    records, wrong = debunk_file.read([line(**CHECKED), line(**FAR)])
    assert not wrong and debunks.keep(session, records) == (2, 0)
    session.commit()


def stood(session) -> dict[str, str]:
    """Wording to the claim that stands at it."""
    session.rollback()
    rows = session.execute(
        select(Wording.text, Debunk.claim)
        .join(WordingDebunk, WordingDebunk.wording_id == Wording.id)
        .join(Debunk, Debunk.id == WordingDebunk.debunk_id)
    )
    return {text: claim for text, claim in rows}


def test_a_new_wording_finds_the_debunk(jd, session, library):
    assert assess.drain() == 0 and debunks.count(session)["unread"] == 0
    jd.report("J1", RUMOR)
    assess.drain()
    assert set(stood(session).values()) == {CHECKED["claim"]}
    link = session.scalars(select(WordingDebunk)).one()
    assert link.close and 0.5 < link.likeness <= 1


def test_a_new_debunk_finds_the_wordings_that_were_there(jd, session):
    jd.report("J1", RUMOR)
    jd.report("J2", AGAIN)
    assess.drain()
    assert stood(session) == {}
    debunks.keep(session, debunk_file.read([line(**CHECKED), line(**FAR)])[0])
    session.commit()
    assess.drain()
    assert len(stood(session)) == 2


def test_reports_go_before_the_library(jd, session, library, monkeypatch):
    jd.report("J1", RUMOR)
    order = []
    real = assess._process, assess.read_debunks
    monkeypatch.setattr(assess, "_process", lambda *a: order.append("reports") or real[0](*a))
    monkeypatch.setattr(assess, "read_debunks", lambda: order.append("debunks") or real[1]())
    assess.drain()
    assert order[:2] == ["reports", "debunks"] and len(stood(session)) == 1


def test_the_sweeper_rings_for_unread_debunks(session, library, monkeypatch):
    from hub import job_queue

    notified = []
    monkeypatch.setattr(job_queue, "notify", lambda name, key=None: notified.append(name))
    sweep.sweep()
    assert "assess" in notified


def test_a_corrected_verdict_replaces_the_old_one(session, library):
    corrected = {**CHECKED, "verdict": "部分属实", "explanation": "一条线路检修两小时。"}
    again = debunk_file.read([line(**corrected), line(**FAR)])[0]
    assert debunks.keep(session, again) == (0, 1)
    assert debunks.keep(session, again) == (0, 0)
    session.commit()
    verdicts = dict(session.execute(select(Debunk.claim, Debunk.verdict)).all())
    assert verdicts == {CHECKED["claim"]: "部分属实", FAR["claim"]: "谣言"}
    assert session.scalar(select(Debunk.explanation).where(Debunk.source == "果壳")) == ""


def test_another_explanation_is_read_again_and_replaces_what_stood(jd, session, library):
    jd.report("J1", RUMOR)
    assess.drain()
    before = session.scalar(select(Debunk.told).where(Debunk.claim == CHECKED["claim"]))
    corrected = {**CHECKED, "explanation": "一条线路检修两小时，蜡烛供应充足。"}
    debunks.keep(session, debunk_file.read([line(**corrected)])[0])
    session.commit()
    assert debunks.count(session)["unread"] == 1
    assess.drain()
    session.rollback()
    again = session.scalars(select(Debunk).where(Debunk.claim == CHECKED["claim"])).one()
    assert again.told != before and "检修两小时" in again.told and again.encoder
    assert set(stood(session).values()) == {CHECKED["claim"]}


def test_refresh_stands_every_wording_anew(jd, session, library):
    jd.report("J1", RUMOR)
    assess.drain()
    loaded = assess.loaded_models()
    session.execute(WordingDebunk.__table__.delete())
    session.commit()
    locks.hold(session, Lock.CLAIMS)
    assert debunks.relink(session, loaded.encoder, 0) == 1
    assert debunks.relink(session, loaded.encoder, 1) is None
    session.commit()
    assert len(stood(session)) == 1
