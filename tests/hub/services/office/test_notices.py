"""A notice is kept for every channel that is set up, and tried with growing pauses."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, update

from hub.outbound.robots import NotSent
from hub.services.office import notices
from models import Notice

NOTHING = dict.fromkeys(
    ("dingtalk", "dingtalk_secret", "wecom", "smtp", "mail_from", "mail_to"), ""
)


@pytest.fixture
def set_up(monkeypatch):
    def configure(**given: str) -> SimpleNamespace:
        here = SimpleNamespace(**NOTHING | given)
        monkeypatch.setattr(notices, "settings", lambda: here)
        return here

    return configure


def test_a_channel_needs_its_address_and_mail_somebody_to_read_it(set_up):
    assert notices.channels(set_up()) == ()
    assert notices.channels(set_up(smtp="mail:25")) == ()
    every = set_up(dingtalk="https://d", wecom="https://w", smtp="mail:25", mail_to="a@b")
    assert notices.channels(every) == ("dingtalk", "wecom", "mail")


def test_each_channel_is_told_in_its_own_way_and_a_fault_is_an_answer(set_up, monkeypatch):
    set_up(
        dingtalk="https://d", dingtalk_secret="s", wecom="https://w", smtp="mail:25", mail_to="a@b"
    )
    told = []
    monkeypatch.setattr(notices.robots, "dingtalk", lambda *given: told.append(given))
    monkeypatch.setattr(notices.robots, "mail", lambda *given: told.append(given))

    def refuse(*_):
        raise NotSent("errcode 1")

    monkeypatch.setattr(notices.robots, "wecom", refuse)
    said = [
        notices.tell(Notice(channel=name, title="提醒", lines=["C1"]))
        for name in ("dingtalk", "wecom", "mail")
    ]
    assert said == [None, "errcode 1", None]
    assert [given[0] for given in told] == ["https://d", "mail:25"]
    assert told[0][2] == told[1][3] == notices.Notification("提醒", ("C1",))


def test_a_notice_is_put_off_while_it_is_sent_and_given_up_in_the_end(session, set_up):
    set_up(wecom="https://w")
    assert notices.put(session, "提醒", ["C1"]) == 1 and notices.waiting(session)
    taken = notices.take(session)
    assert taken.attempts == 1 and notices.take(session) is None
    notices.finish(session, taken, "away")
    pause = session.scalar(select(Notice.next_at - func.now()))
    assert timedelta(seconds=15) < pause <= timedelta(seconds=20)
    session.execute(update(Notice).values(next_at=func.now(), attempts=notices.MAX_ATTEMPTS - 1))
    last = notices.take(session)
    notices.finish(session, last, "still away")
    kept = session.execute(select(Notice.error, Notice.ended_at)).one()
    assert kept.error == "still away" and kept.ended_at and not notices.waiting(session)
