"""Nobody comes in whose signature, headers and clock do not hold, in that order."""

from __future__ import annotations

import base64
import time
from types import SimpleNamespace

import pytest

from hub.outbound import signing
from hub.problems import Problem
from hub.services.platforms import door
from hub.services.platforms.keys import InboundAccess, InboundKey

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
RAW = b'{"type": "report.created"}'


@pytest.fixture
def at_the_door(monkeypatch):
    """A door that knows jd; what it spent and wrote down."""
    key = InboundKey(7, "v1", signing.key_bytes(SECRET, "whsec_"))
    seen = SimpleNamespace(active=True, spent=[], noted=[], full=False)

    def spend(name, cost, rate, burst):
        seen.spent.append((name, cost))
        if seen.full:
            raise Problem(429, "too_many_requests", "full")

    def keeper(slug):
        return InboundAccess(1, "jd", seen.active, (key,), 10, 100) if slug == "jd" else None

    monkeypatch.setattr(door.keys, "inbound_access", keeper)
    monkeypatch.setattr(door.rate_limits, "spend", spend)
    monkeypatch.setattr(door.rate_limits, "allows", lambda *_: True)
    monkeypatch.setattr(door, "record", lambda slug, kind, **more: seen.noted.append((slug, kind)))
    return seen


def headers(raw: bytes = RAW, late: int = 0, **change: str | None) -> dict[str, str]:
    at = str(int(time.time()) - late)
    made = {
        "webhook-id": "m_1",
        "webhook-timestamp": at,
        "webhook-signature": signing.sign_v1(SECRET, "m_1", at, raw),
    }
    named = {f"webhook-{name}": value for name, value in change.items()}
    return {name: value for name, value in (made | named).items() if value is not None}


def test_who_signed_these_bytes_is_known_with_the_proof(at_the_door):
    signed = headers()
    sender = door.admit("jd", signed, RAW)
    assert (sender.platform_id, sender.key_id, sender.webhook_id) == (1, 7, "m_1")
    assert sender.headers == signed and at_the_door.noted == []


@pytest.mark.parametrize(
    ("slug", "given", "raw", "answer"),
    [
        ("taobao", headers(), RAW, (404, "unknown_platform")),
        ("jd", headers(id=None), RAW, (401, "missing_header")),
        ("jd", headers(id="m 1"), RAW, (401, "malformed_header")),
        ("jd", headers(timestamp="yesterday"), RAW, (401, "malformed_header")),
        ("jd", headers(signature="abc"), RAW, (401, "malformed_header")),
        ("jd", headers(), RAW + b" ", (401, "bad_signature")),
        ("jd", headers(late=86_400), RAW, (401, "clock")),
        ("jd", headers(late=-86_400), RAW, (401, "clock")),
    ],
)
def test_what_does_not_hold_is_named_and_costs_the_platform_nothing(
    at_the_door, slug, given, raw, answer
):
    with pytest.raises(Problem) as refused:
        door.admit(slug, given, raw)
    assert (refused.value.status, refused.value.code) == answer
    assert at_the_door.spent == []
    assert at_the_door.noted == ([("jd", "bad_signature")] if "bad" in answer[1] else [])


def test_a_suspended_platform_is_known_and_not_let_in(at_the_door):
    at_the_door.active = False
    with pytest.raises(Problem) as refused:
        door.admit("jd", headers(), RAW)
    assert refused.value.code == "platform_inactive" and at_the_door.spent == []


def test_a_long_message_costs_more_of_the_share(at_the_door):
    long = b" " * (3 * door.rate_limits.BYTES)
    door.admit("jd", headers(), RAW)
    door.admit("jd", headers(long), long)
    assert at_the_door.spent == [("door:jd", 1), ("door:jd", 4)]
    at_the_door.full = True
    with pytest.raises(Problem) as refused:
        door.admit("jd", headers(), RAW)
    assert refused.value.status == 429
