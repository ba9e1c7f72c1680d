"""Engineers rotate their platform's keys with their password."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hub.database import session_scope
from hub.outbound import signing
from hub.services.people import accounts
from hub.services.platforms import keys
from models import AuditEntry, PlatformKey, SecurityEvent
from tests.hub.web import seed


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


def _keys(session, purpose: str) -> list[PlatformKey]:
    session.expire_all()
    return list(session.scalars(select(PlatformKey).where(PlatformKey.purpose == purpose)))


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


@pytest.mark.parametrize(
    "public", ["whpk_QUFB", pytest.param(signing.new_keypair()[0], id="the private half")]
)
def test_what_is_no_public_key_is_not_registered_and_not_shown_again(desk, both, session, public):
    jd = desk("jd-eng")
    jd.get("/platform")
    answer = jd.submit("form-public-key", public=public, password=seed.PASSWORD)
    assert answer.status_code == 422 and "Ed25519 公钥" in jd.text
    assert public not in jd.page and _keys(session, keys.REGISTERED) == []
