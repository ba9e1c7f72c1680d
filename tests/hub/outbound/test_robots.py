"""What people's channels are told, in the form that each of them takes."""

from __future__ import annotations

import base64
import hmac
import json
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.outbound import robots
from hub.outbound.robots import Notification, NotSent

WORDS = Notification("法定期限提醒", ("C1 口罩断货", "C2 停水"))


@pytest.fixture
def posted(monkeypatch):
    """What was posted; `posted.answer` is what the robot says."""
    kept = SimpleNamespace(answer=(200, b'{"errcode": 0}'), sent=[])

    def post(url, raw, headers, allowed):
        kept.sent.append((url, json.loads(raw), allowed))
        return SimpleNamespace(status=kept.answer[0], body=kept.answer[1])

    monkeypatch.setattr(robots.client, "post", post)
    return kept


def test_dingtalk_is_told_under_a_signed_address(posted, monkeypatch):
    monkeypatch.setattr(robots.time, "time", lambda: 1582190000.5)
    robots.dingtalk("https://oapi.example/send?access_token=t", "SEC1", WORDS)
    ((url, body, allowed),) = posted.sent
    asked = parse_qs(urlsplit(url).query)
    mac = hmac.digest(b"SEC1", b"1582190000500\nSEC1", "sha256")
    assert asked["timestamp"] == ["1582190000500"]
    assert base64.b64decode(asked["sign"][0]) == mac
    assert body["markdown"]["title"] == "法定期限提醒" and "- C2 停水" in body["markdown"]["text"]
    assert allowed == {"oapi.example:443"}  # the office's own address, wherever it stands


def test_wecom_gets_no_more_bytes_than_it_takes(posted):
    robots.wecom("https://qyapi.example/send?key=k", Notification("提醒", ("口" * 3000,)))
    content = posted.sent[0][1]["markdown"]["content"]
    assert 4090 < len(content.encode()) <= 4096 and content.endswith("口")


@pytest.mark.parametrize(
    "answer", [(500, b'{"errcode": 0}'), (200, b'{"errcode": 310000}'), (200, b"[]"), (200, b"ok")]
)
def test_only_errcode_nought_means_told(posted, answer):
    posted.answer = answer
    with pytest.raises(NotSent, match=str(answer[0])):
        robots.wecom("https://qyapi.example/send?key=k", WORDS)


def test_an_address_that_is_none_is_said_and_not_raised_otherwise(posted):
    with pytest.raises(NotSent, match="Blocked"):
        robots.wecom("ftp://qyapi.example", WORDS)


def test_a_mail_has_its_subject_and_a_dead_server_is_said(monkeypatch):
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            if host == "away":
                raise OSError("no route")
            sent.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def has_extn(self, name):
            return False

        def send_message(self, message):
            sent.append(message)

    monkeypatch.setattr(robots.smtplib, "SMTP", Server)
    robots.mail("mail.example:2525", "hub@example.org", "office@example.org", WORDS)
    address, message = sent
    assert address == ("mail.example", 2525)
    assert (message["Subject"], message["To"]) == ("法定期限提醒", "office@example.org")
    assert message.get_content().splitlines() == list(WORDS.lines)
    with pytest.raises(NotSent, match="no route"):
        robots.mail("away", "hub@example.org", "office@example.org", WORDS)
