"""A platform's engineers see their own traffic, test, resend and rotate; nothing of others."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select, text

from hub.database import session_scope
from hub.outbound import signing
from hub.services.people import accounts
from hub.services.platforms import directory, keys, outbox
from models import Attempt, AuditEntry, Delivery, InboundMessage, PlatformKey, SecurityEvent
from tests.hub.web import seed


@pytest.fixture
def both(session, officers):
    """Two registered platforms, each with one engineer and one message; ids by slug."""
    sent = {}
    for slug in ("jd", "pdd"):
        made = directory.register(session, slug, seed.NAMES[slug], "http://127.0.0.1:9/")
        accounts.create_engineer(session, f"{slug}-eng", "工程师", made.platform, seed.PASSWORD)
        seq = outbox.next_seq(session, made.platform)
        row = outbox.put(session, made.platform, "report.updated", seq, {"reports": [slug]})
        session.flush()
        row.state, row.attempts = "DELIVERED", 1
        session.add(Attempt(delivery_id=row.id, number=1, status=200, milliseconds=12, reply="ok"))
        sent[slug] = row.id
    session.commit()
    return sent


def test_an_engineer_reads_the_body_the_attempts_and_the_answers(desk, both):
    jd = desk("jd-eng")
    assert jd.get("/").location == "/platform"
    jd.get("/platform")
    assert "京东" in jd.text and "1 次，成功 100.0%" in jd.text and "中位 12 毫秒" in jd.text
    jd.get("/platform/deliveries")
    assert f"/platform/deliveries/{both['jd']}" in jd.page
    jd.get(f"/platform/deliveries/{both['jd']}")
    assert "report.updated" in jd.text and "200 · 12 毫秒" in jd.text and "&#34;aud&#34;" in jd.page


def test_nothing_of_another_platform_is_shown_or_moved(desk, both, session):
    jd, theirs = desk("jd-eng"), both["pdd"]
    jd.get("/platform/deliveries")
    assert f"/platform/deliveries/{theirs}" not in jd.page
    assert jd.get(f"/platform/deliveries/{theirs}").status_code == 404
    jd.get(f"/platform/deliveries/{both['jd']}")
    token = re.search(r'name="csrf_token" value="([^"]+)"', jd.page)[1]
    answer = jd.client.post(f"/platform/deliveries/{theirs}/resend", data={"csrf_token": token})
    assert answer.status_code == 404
    session.expire_all()
    assert session.get_one(Delivery, theirs).state == "DELIVERED"


def test_what_arrived_can_be_sent_again_and_stays_arrived(desk, both, session):
    session.execute(text("UPDATE delivery SET delivered_at = now()"))
    session.commit()
    jd = desk("jd-eng")
    jd.get(f"/platform/deliveries/{both['jd']}")
    before = session.get_one(Delivery, both["jd"])
    was = (before.webhook_id, bytes(before.body))
    assert jd.submit("form-resend").status_code == 303
    session.expire_all()
    after = session.get_one(Delivery, both["jd"])
    assert after.state == "PENDING" and after.delivered_at is not None
    assert (after.webhook_id, bytes(after.body)) == was
    assert session.scalar(select(AuditEntry.actor).order_by(AuditEntry.id.desc())) == "jd-eng"


def test_a_test_message_goes_to_the_own_endpoint(desk, both, session):
    jd = desk("jd-eng")
    jd.get("/platform")
    answer = jd.submit("form-test")
    sent = session.scalar(select(Delivery).order_by(Delivery.id.desc()))
    assert answer.location == f"/platform/deliveries/{sent.id}"
    assert json.loads(sent.body)["type"] == "test.ping" and json.loads(sent.body)["aud"] == "jd"


def test_a_key_is_rotated_with_the_password_and_shown_once(desk, both, session):
    jd = desk("jd-eng")
    jd.get("/platform")
    assert jd.submit("form-rotate", purpose="inbound_hmac", password="wrong").status_code == 422
    assert "密码不正确" in jd.text
    assert len(_keys(session, "inbound_hmac")) == 2  # one of each platform, as before
    jd.submit("form-rotate", purpose="inbound_hmac", password=seed.PASSWORD)
    new = re.search(r"whsec_[A-Za-z0-9+/=]+", jd.text)[0]
    mine = [k for k in _keys(session, "inbound_hmac") if keys.unseal(k.sealed) == new]
    assert len(mine) == 1 and len(_keys(session, "inbound_hmac")) == 3
    jd.get("/platform")
    assert new not in jd.page
    assert jd.submit("form-rotate", purpose="inbound_ed25519").status_code == 422


def test_a_public_key_is_registered_with_the_password_and_the_old_one_runs_out(desk, both, session):
    jd, (first, second) = desk("jd-eng"), (signing.new_keypair()[1] for _ in range(2))
    jd.get("/platform")
    assert jd.submit("form-public-key", public=first, password="wrong").status_code == 422
    assert _keys(session, keys.REGISTERED) == []
    for public in (first, second):
        jd.get("/platform")
        typed = {"public": public, "password": seed.PASSWORD}
        assert jd.submit("form-public-key", **typed).status_code == 303
    old, new = sorted(_keys(session, keys.REGISTERED), key=lambda k: k.id)
    assert (old.public, new.public, new.valid_until) == (first, second, None)
    assert old.valid_until is not None
    jd.get("/platform")
    assert second in jd.text
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor, entry.action) == ("jd-eng", "key_registered")
    assert entry.detail["public"] == second


@pytest.mark.parametrize("public", ["whpk_QUFB", signing.new_keypair()[0]])
def test_what_is_no_public_key_is_not_registered_and_not_shown_again(desk, both, session, public):
    jd = desk("jd-eng")
    jd.get("/platform")
    answer = jd.submit("form-public-key", public=public, password=seed.PASSWORD)
    assert answer.status_code == 422 and "Ed25519 公钥" in jd.text
    assert public not in jd.page and _keys(session, keys.REGISTERED) == []


def _keys(session, purpose: str) -> list[PlatformKey]:
    session.expire_all()
    return list(session.scalars(select(PlatformKey).where(PlatformKey.purpose == purpose)))


def test_what_was_refused_is_shown_with_the_reason(desk, both, session):
    of = session.get_one(Delivery, both["jd"]).platform_id
    session.add(
        InboundMessage(
            platform_id=of, webhook_id="m1", sha256=b"0", raw=b'{"type": "x<y>"}', headers={},
            key_id=1, type=None, receipt="rc_1", status=422,
            answer={"detail": "kind is missing", "status": 422},
        )
    )  # fmt: skip
    session.commit()
    jd, pdd = desk("jd-eng"), desk("pdd-eng")
    jd.get("/platform/messages?refused=1")
    assert "kind is missing" in jd.text
    one = re.search(r"/platform/messages/(\d+)", jd.page)[0]
    jd.get(one)
    assert "x&lt;y&gt;" in jd.page and "kind is missing" in jd.text
    assert pdd.get(one).status_code == 404


def test_guessing_the_password_at_a_rotation_locks_the_account(desk, both, session):
    jd = desk("jd-eng")
    jd.get("/platform")
    for _ in range(accounts.MAX_FAILURES):
        jd.submit("form-rotate", purpose="bearer", password="wrong")
    assert jd.submit("form-rotate", purpose="bearer", password=seed.PASSWORD).status_code == 422
    with session_scope() as fresh:
        assert fresh.scalar(select(SecurityEvent.id)) is None
        assert len(_keys(fresh, "bearer")) == 2


def test_an_engineer_needs_a_platform_and_an_officer_has_none(desk, both, session):
    admin = desk("admin")
    admin.get("/users")
    typed = {"username": "neu", "role": "engineer", "password": "long enough 1"}
    assert admin.submit("form-user", **typed).status_code == 422
    assert "请选择工程师所属的平台" in admin.text
    assert admin.submit("form-user", **typed, platform="jd").status_code == 303
    admin.get("/users")
    assert "京东" in admin.text
