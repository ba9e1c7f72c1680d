"""People are told once that a clock runs out, by robots and mail, and failures are tried again."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
import socketserver
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, text, update

from hub.config import settings
from hub.jobs import remind
from hub.services.office import clocks, notices, reminders, workdays
from models import Clock, Notice
from tests.hub.receiver import receiving
from tests.hub.web import seed

SECRET = "SEC-of-the-group"


class Robot:
    """Takes what DingTalk and WeCom take, and refuses a wrong signature as they do."""

    def __init__(self, receiver):
        self.told: list[dict] = []
        self.errcode = 0
        self._receiver = receiver
        receiver.answer = self._answer
        self.dingtalk = receiver.url.replace("/hooks", "/robot/send?access_token=t")
        self.wecom = receiver.url.replace("/hooks", "/cgi-bin/webhook/send?key=k")

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        body = json.loads(self._receiver.got[-1][1])
        code = self.errcode
        if "/robot/send" in handler.path:
            stamp = query["timestamp"][0]
            mac = hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256")
            right = query["sign"] == [base64.b64encode(mac).decode()]
            code = code if right and set(body["markdown"]) == {"title", "text"} else 310000
        if code == 0:
            self.told.append(body)
        answer = json.dumps({"errcode": code, "errmsg": "ok" if code == 0 else "refused"}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)


@pytest.fixture
def robot():
    with receiving() as receiver:
        yield Robot(receiver)


@pytest.fixture
def set_up(monkeypatch, robot):
    """`set_up(dingtalk=..., ...)`: these channels are configured."""

    def configure(**channels: str) -> None:
        changed = dataclasses.replace(settings(), **channels)
        monkeypatch.setattr(notices, "settings", lambda: changed)

    return configure


@pytest.fixture
def case(session):
    seed.officers(session)
    p = seed.platforms(session, "jd")
    made = seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    session.commit()
    return made


def test_a_clock_near_its_end_is_told_once_and_again_when_it_is_past(session, case, robot, set_up):
    set_up(dingtalk=robot.dingtalk, dingtalk_secret=SECRET, wecom=robot.wecom)
    today = clocks.today(session)
    clocks.start(session, case.id, "tell")
    session.execute(update(Clock).values(due_on=workdays.add(today, 2)))
    session.commit()
    assert remind.drain() == 2  # one notice a channel
    assert remind.drain() == 0
    ding, wecom = sorted(robot.told, key=lambda body: "content" in body["markdown"])
    assert f"C{case.id}" in ding["markdown"]["text"] and "剩 2 个工作日" in ding["markdown"]["text"]
    assert "1 件将到期" in wecom["markdown"]["content"]
    session.execute(update(Clock).values(due_on=today - timedelta(days=10)))
    session.commit()
    assert remind.drain() == 2 and remind.drain() == 0
    assert "逾期" in robot.told[-1]["markdown"].get(
        "text", robot.told[-1]["markdown"].get("content")
    )


def test_what_is_far_stands_still_or_has_ended_is_not_told(session, case, robot, set_up):
    set_up(wecom=robot.wecom)
    clocks.start(session, case.id, "decide")
    clocks.start(session, case.id, "verify", date(2025, 3, 3))
    session.execute(update(Clock).where(Clock.rule == "verify").values(stopped_on=date(2025, 3, 4)))
    clocks.start(session, case.id, "tell", date(2025, 3, 3))
    clocks.end(session, case.id, ("tell",), "told")
    session.commit()
    assert reminders.remind(session) == 0


def test_a_robot_that_refuses_is_asked_again_and_then_given_up(session, robot, set_up):
    set_up(wecom=robot.wecom)
    robot.errcode = 45009  # too many calls
    notices.put(session, "测试", ["一行"])
    session.commit()
    for _ in range(notices.MAX_ATTEMPTS):
        assert remind.drain() == 1
        session.execute(text("UPDATE notice SET next_at = now()"))
        session.commit()
    assert remind.drain() == 0
    kept = session.scalar(select(Notice))
    assert kept.ended_at is not None and "45009" in kept.error


def test_a_wrong_secret_is_an_error_and_not_a_success(session, robot, set_up):
    set_up(dingtalk=robot.dingtalk, dingtalk_secret="SEC-wrong")
    notices.put(session, "测试", ["一行"])
    session.commit()
    remind.drain()
    kept = session.scalar(select(Notice))
    assert kept.ended_at is None and "310000" in kept.error and robot.told == []


def test_mail_goes_to_the_office(session, case, set_up):
    with _mailbox() as (address, mails):
        set_up(smtp=address, mail_from="hub@example.org", mail_to="office@example.org")
        notices.put(session, "法定期限提醒", ["C1 口罩断货"])
        session.commit()
        assert remind.drain() == 1
    (one,) = mails
    assert "To: office@example.org" in one and "Subject: =?utf-8?" in one
    assert session.scalar(select(Notice.error)) is None


def test_without_a_channel_nothing_is_kept(session, set_up):
    set_up()
    assert notices.put(session, "测试", []) == 0


class _mailbox:
    """A mail server that keeps what it gets; speaks as much SMTP as a client needs."""

    def __enter__(self):
        mails: list[str] = []

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say(220)
                while line := self.rfile.readline():
                    verb = line.split()[0].upper()
                    if verb == b"DATA":
                        self._say(354)
                        lines = iter(self.rfile.readline, b".\r\n")
                        mails.append(b"".join(lines).decode())
                    self._say(221 if verb == b"QUIT" else 250)
                    if verb == b"QUIT":
                        return

            def _say(self, code: int) -> None:
                self.wfile.write(b"%d ok\r\n" % code)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{self._server.server_address[1]}", mails

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
