"""Our signatures are Standard Webhooks signatures; the field's own library is the oracle."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from hub.outbound import signing


@given(st.binary(max_size=200))
def test_our_hmac_is_what_the_library_makes(body):
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.hex()
    secret, now = signing.new_secret(), int(time.time())
    theirs = Webhook(secret).sign("msg_1", datetime.fromtimestamp(now, UTC), text)
    assert signing.sign_v1(secret, "msg_1", str(now), text.encode()) == theirs


@given(st.text(max_size=300))
def test_no_signature_header_raises(header):
    assert all(v in ("v1", "v1a") for v, _ in signing.signatures(header))


def test_ed25519_round_trip_and_one_changed_byte():
    private, public = signing.new_keypair()
    signature = signing.sign_v1a(private, "a", "1700000000", b"body")
    ((_, raw),) = signing.signatures(signature)
    key = signing.key_bytes(public, "whpk_")
    assert signing.verify_v1a(key, raw, signing.content("a", "1700000000", b"body"))
    assert not signing.verify_v1a(key, raw, signing.content("a", "1700000000", b"bodY"))


def test_a_public_key_is_read_as_written_by_us_or_by_openssl():
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    written = signing.public_key(_pem(key))
    assert signing.key_bytes(written, "whpk_") == key.public_bytes_raw()
    assert signing.public_key(f" {written}\n") == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whpk_",
        pytest.param(signing.new_keypair()[0], id="the private half"),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "whpk_公钥",
    ],
)
def test_what_is_no_public_ed25519_key_is_refused(text):
    with pytest.raises(ValueError):
        signing.public_key(text)


def test_a_public_key_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="Ed25519"):
        signing.public_key(_pem(ec.generate_private_key(ec.SECP256R1()).public_key()))


def _pem(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("whsec_QQ==", "whsec_"), ("nope", "whsec_"), ("whpk_!!", "whpk_"), ("whpk_QUFB", "whpk_")],
)
def test_weak_or_broken_keys_are_refused(text, prefix):
    with pytest.raises(ValueError):
        signing.key_bytes(text, prefix)
