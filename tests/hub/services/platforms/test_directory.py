"""Platforms are registered, suspended and brought back, and say themselves what they can do."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from hub.problems import Problem
from hub.services.platforms import directory
from models import Platform, PlatformKey


def test_a_platform_declares_by_webhook_and_the_last_word_counts(session, platforms):
    def say(codes: list[str], at: str):
        return platforms["jd"].send("platform.capabilities", {"at": at, "measures": codes})

    assert say(["warn"], "2020-03-02T00:00:00Z").status_code == 202
    assert say(["warn", "close_shop"], "2020-03-01T00:00:00Z").status_code == 202  # came late
    session.rollback()
    jd = session.scalars(select(Platform).where(Platform.slug == "jd")).one()
    assert jd.capabilities == ["warn"]
    refused = say(["teleport"], "2020-03-03T00:00:00Z")
    assert refused.status_code == 422 and "teleport" in json.dumps(refused.json)


@pytest.mark.parametrize(
    ("slug", "endpoint", "why"),
    [
        ("J D", "https://a.example/", "slug"),
        ("1jd", "https://a.example/", "slug"),
        ("jd", "ftp://a.example/", "plain http"),
        ("jd", "https://user:word@a.example/", "plain http|password|user"),
    ],
)
def test_a_bad_name_or_address_registers_nobody(session, slug, endpoint, why):
    with pytest.raises(ValueError, match=why):
        directory.register(session, slug, "京东", endpoint)
    assert session.scalars(select(Platform)).all() == []


def test_a_platform_gets_a_key_for_every_use_and_a_name_is_given_once(session):
    made = directory.register(session, "jd", "京东", "https://jd.example/", "v1")
    session.flush()
    assert set(made.shown().values()) >= {made.secret, made.token, made.hub_key, "jd"}
    purposes = session.scalars(select(PlatformKey.purpose)).all()
    assert sorted(purposes) == ["bearer", "inbound_hmac", "outbound_hmac"]
    with pytest.raises(ValueError, match="registered already"):
        directory.register(session, "jd", "京东", "https://jd.example/")


def test_a_platform_that_is_brought_back_is_owed_what_it_missed(session):
    platform = directory.register(session, "jd", "京东", "https://jd.example/").platform
    platform.caught_up_at = func.now()
    session.flush()
    locked = directory.locked(session, "jd")
    assert not directory.reactivate(session, locked)
    assert directory.suspend(session, locked) and not directory.suspend(session, locked)
    assert directory.reactivate(session, locked) and locked.caught_up_at is None
    with pytest.raises(Problem, match="没有这个平台"):
        directory.locked(session, "nobody")
