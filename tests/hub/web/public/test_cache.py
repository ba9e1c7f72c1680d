"""Public pages need no login, carry no personal data, and are cached."""

from __future__ import annotations

import pytest

from hub.services.openness import open_data
from hub.web.public import cache
from tests.hub.web import seed


@pytest.mark.parametrize("path", ["", "/debunks", "/debunks?q=x", "/data", "/data/dictionary.json"])
def test_pages_stand_without_data_and_may_be_cached(client, path):
    answer = client.get(f"/public{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == f"public, max-age={cache.FRESH}"
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/public{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_nothing_personal_is_published(session, client):
    p = seed.platforms(session, "jd")
    seed.merchant_case(
        session, [("天价口罩", [p["jd"]] * 6)], None, name="南浦市康宁药业有限公司",
        reporter={"kind": "user", "ref": "u-secret"},
    )  # fmt: skip
    session.commit()
    told = client.get("/public").text + "".join(
        client.get(f"/public/data/{name}.json").text for name in open_data.DATA
    )
    assert "康宁" not in told and "u-secret" not in told and "天价口罩" not in told
