"""Keys are sealed at rest, shown once, overlap when they rotate, and end when they leak."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.outbound import signing
from hub.services.platforms import keys
from models import Platform, PlatformKey


@pytest.fixture
def jd(session) -> Platform:
    made = Platform(slug="jd", name="京东", endpoint="https://jd.example/")
    session.add(made)
    session.commit()
    return made


def test_a_secret_at_rest_is_sealed_and_a_token_only_a_hash(session, jd):
    secret, token = keys.issue(session, jd, "inbound_hmac"), keys.issue(session, jd, "bearer")
    session.flush()
    by_purpose = {key.purpose: key for key in session.scalars(select(PlatformKey))}
    sealed = by_purpose["inbound_hmac"].sealed
    assert secret.encode() not in sealed and keys.unseal(sealed) == secret
    assert by_purpose["bearer"].public == keys.token_hash(token) and token.startswith("hub_")
    assert keys.bearer_platform(session, token) is jd
    assert keys.bearer_platform(session, token + "x") is None
    with pytest.raises(ValueError, match="teapot"):
        keys.issue(session, jd, "teapot")


def test_after_a_rotation_both_sign_the_newest_first_and_after_a_leak_neither(session, jd):
    with pytest.raises(LookupError, match="jd"):
        keys.outbound_keys(session, jd)
    first = keys.issue(session, jd, "outbound_ed25519")
    session.flush()
    second = keys.rotate(session, jd, "outbound_ed25519")
    session.flush()
    scheme, private = keys.outbound_keys(session, jd)
    assert scheme == "v1a" and len(private) == 2
    for public, secret in zip((second, first), private, strict=True):
        signature = signing.sign_v1a(secret, "m1", "1582190000", b"{}").partition(",")[2]
        signed = signing.content("m1", "1582190000", b"{}")
        raw = signing.key_bytes(public, "whpk_")
        assert any(signing.verify_v1a(raw, each, signed) for _, each in _parsed(signature))
    assert keys.revoke(session, jd, "outbound_ed25519") == 2
    with pytest.raises(LookupError):
        keys.outbound_keys(session, jd)


def _parsed(signature: str):
    return signing.signatures(f"v1a,{signature}")


def test_the_door_knows_a_platform_for_half_a_second_and_no_stranger(session, jd, monkeypatch):
    keys.issue(session, jd, "inbound_hmac")
    session.commit()
    now = [100.0]
    monkeypatch.setattr(keys.time, "monotonic", lambda: now[0])
    known = keys.inbound_access("jd")
    assert [key.scheme for key in known.keys] == ["v1"] and keys.seen("jd")
    keys.revoke(session, jd, "inbound_hmac")
    session.commit()
    assert keys.inbound_access("jd") is known
    now[0] += 0.6
    assert keys.inbound_access("jd").keys == ()
    assert keys.inbound_access("stranger") is None and not keys.seen("stranger")
