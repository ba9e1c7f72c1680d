"""A platform says itself what it can do, and its last word counts."""

from __future__ import annotations

import json

from sqlalchemy import select

from models import Platform


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
