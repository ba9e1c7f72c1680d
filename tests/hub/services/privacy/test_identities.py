"""What a merchant is known by: numbers in one form, kept as hashes whose keys rotate."""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace

import pytest

from hub.services.privacy import identities

PERSON = "11010519491231002X"


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """The keys of this installation; a test may put another in front."""
    here = SimpleNamespace(shared_salt="salt", identity_keys=("first",), instance=tmp_path)
    monkeypatch.setattr(identities, "settings", lambda: here)
    return here


@pytest.mark.parametrize(
    ("kind", "typed", "normal"),
    [
        ("phone", "138 0013 8000", "13800138000"),
        ("phone", "+86-138-0013-8000", "13800138000"),
        ("phone", "010-88886666", "01088886666"),
        ("phone", "400-888-6666", "4008886666"),
        ("phone", "138****8000", None),
        ("phone", "12345678901", None),
        ("id_number", PERSON.lower(), PERSON),
        ("id_number", "110105194912310021", None),
        ("id_number", "1101051949123100２X", PERSON),
        ("license_no", "jy 1110 5000", "JY11105000"),
        ("license_no", "jy1", None),
        ("payout_account", "6225xxxx0001", None),
    ],
)
def test_a_number_has_one_form_or_cannot_be_one(kind, typed, normal):
    assert identities.normal(kind, typed) == normal


def test_what_comes_in_clear_is_kept_as_a_hash_alone_and_said(keys):
    subject = {"phone": "13800138000", "shop_id": "a", "hashed": {"phone": ["forged"]}}
    warnings = identities.hash_numbers(subject, "data.subject")
    joint = hmac.new(b"salt", b"phone:13800138000", hashlib.sha256).hexdigest()
    assert subject == {
        "shop_id": "a",
        "hashed": {"phone": identities.stored_hashes("phone", joint)},
    }
    assert warnings == ["data.subject.phone: hashed here; better send phone_hash"]


def test_a_platforms_own_hash_meets_the_hubs_and_needs_no_word(keys):
    joint = identities.joint_hash("phone", "13800138000")
    sent, clear = {"phone_hash": joint.upper()}, {"phone": "13800138000"}
    assert identities.hash_numbers(sent, "s") == []
    identities.hash_numbers(clear, "s")
    assert sent == clear


def test_hashes_that_nobody_made_here_are_not_kept(keys):
    subject = {"shop_id": "a", "hashed": {"phone": ["forged"]}}
    assert identities.hash_numbers(subject, "s") == [] and subject == {"shop_id": "a"}


def test_a_number_that_cannot_be_one_joins_nobody(keys):
    subject = {"phone": "138****8000"}
    (said,) = identities.hash_numbers(subject, "s")
    assert subject == {} and "dropped" in said
    assert identities.hash_numbers(None, "s") == []


def test_after_a_rotation_the_newest_key_writes_and_every_key_reads(keys):
    (old,) = identities.stored_hashes("phone", "joint")
    keys.identity_keys = ("second", "first")
    new, again = identities.stored_hashes("phone", "joint")
    assert again == old != new
    subject = {"phone": "13800138000"}
    identities.hash_numbers(subject, "s")
    (fact,) = identities.facts(subject)
    assert fact.exact and (fact.value, *fact.also) == tuple(subject["hashed"]["phone"])


def test_facts_are_codes_that_hold_hashes_and_names_in_their_plain_form(keys):
    told = {
        "uscc": " 91110105ma5t7fbcx8 ",
        "merchant_name": "康寧護具 有限公司",
        "shop_name": "！！",
        "address": "浙江省杭州市文三路1号",
        "license_no": "JY11105000",
    }
    identities.hash_numbers(told, "s")
    found = {f.kind: (f.value, f.shown) for f in identities.facts(told)}
    assert found["uscc"][0] == "91110105MA5T7FBCX8" and "shop_name" not in found
    assert found["legal_name"] == ("康宁护具有限公司", "康寧護具 有限公司")
    assert found["address"][0] == "文三路1号" and found["license_no"][1] == "JY11105000"
    assert identities.facts({"uscc": "91110105MA5T7FBCX9"}) == []


def test_bytes_that_may_name_a_person_are_told_from_others():
    assert identities.has_clear_number(b'{"phone": 1}') and identities.has_clear_number(
        b'"id_number"'
    )
    assert not identities.has_clear_number(b'{"phone_hash": "x", "license_no": "y"}')


def test_a_rotation_keeps_the_older_keys(keys, tmp_path):
    (tmp_path / "identity.keys").write_text("first")
    assert identities.rotate_key() == 2
    kept = (tmp_path / "identity.keys").read_text().split()
    assert kept[1] == "first" and len(kept[0]) == 64


def test_keys_of_the_environment_are_rotated_there(keys):
    with pytest.raises(ValueError, match="HUB_IDENTITY_KEYS"):
        identities.rotate_key()
