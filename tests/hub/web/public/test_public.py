"""Pages for everybody: no login, cached, no personal data, ClaimReview within the policy."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from datetime import date

import pytest

from hub.services.openness import open_data
from hub.web.public import public
from models import Debunk
from tests.hub.web import seed


@pytest.fixture(autouse=True)
def fresh():
    public.forget()


@pytest.fixture
def debunk(session):
    row = Debunk(
        key="k", source="某市网信办", claim="口罩断货</script><script>alert(1)</script>",
        verdict="谣言", explanation="库存充足。", date=date(2020, 2, 20),
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


@pytest.mark.parametrize("path", ["", "/debunks", "/debunks?q=x", "/data", "/data/dictionary.json"])
def test_pages_stand_without_data_and_may_be_cached(client, path):
    answer = client.get(f"/public{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == f"public, max-age={public.FRESH}"
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/public{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_the_claim_review_is_allowed_by_its_hash_and_ends_no_script(client, debunk):
    answer = client.get(f"/public/debunks/{debunk.id}")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.S)
    assert len(blocks) == 1 and answer.text.count("<script") == 1
    review = json.loads(blocks[0])
    assert review["@type"] == "ClaimReview" and review["claimReviewed"] == debunk.claim
    digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"'sha256-{digest}'" in policy and "unsafe" not in policy
    alone = client.get(f"/public/debunks/{debunk.id}.json")
    assert alone.mimetype == "application/ld+json" and json.loads(alone.data) == review


@pytest.mark.parametrize("name", sorted(open_data.DATA))
def test_tables_have_the_columns_of_the_dictionary(session, client, debunk, name):
    known = {t["name"]: t for t in client.get("/public/data/dictionary.json").json["tables"]}
    fields = [field["name"] for field in known[name]["fields"]]
    told = client.get(f"/public/data/{name}.json").json
    assert told["fields"] == fields and told["version"] == open_data.VERSION
    assert all(list(row) == fields for row in told["rows"])
    rows = list(csv.reader(io.StringIO(client.get(f"/public/data/{name}.csv").text[1:])))
    assert rows[0] == fields and len(rows) == len(told["rows"]) + 1
    assert known[name]["csv"] == f"/public/data/{name}.csv"


def test_an_unknown_table_is_not_there(client):
    assert client.get("/public/data/users.csv").status_code == 404
    assert client.get("/public/debunks/9").status_code == 404


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


def test_one_address_cannot_search_without_end(client):
    seen = [client.get("/public/debunks?q=x").status_code for _ in range(60)]
    assert seen[0] == 200 and 429 in seen
    assert client.get("/public/debunks").status_code == 200


def test_statistics_are_for_leaders(desk, session):
    for role in ("approver", "auditor", "admin"):
        page = desk(role).get("/stats?days=7")
        assert page.status_code == 200 and "人员工作量" in page.text
    assert desk("clerk").get("/stats").status_code == 403


def test_a_warning_is_seen_by_an_officer_who_says_what_it_was(desk, session):
    from models import EarlyWarning

    p = seed.platforms(session, "jd", "weidian")
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6 + [p["weidian"]] * 5)])
    found = {"kind": "reports", "count": 11, "expected": 0.5, "tail": 1e-9, "level": 1e-6,
             "platforms": 2, "busy": 1.0, "surges": True, "minutes": 20,
             "since": "2020-02-20T01:00:00+00:00", "until": "2030-02-20T01:20:00+00:00",
             "by_platform": {str(p["jd"].id): 6}}  # fmt: skip
    warning = EarlyWarning(case_id=case.id, found=found)
    session.add(warning)
    session.commit()
    officer = desk("clerk")
    assert f"C{case.id}" in officer.get("/warnings").text
    assert "苗头预警" in officer.get(f"/cases/{case.id}").text
    page = officer.get(f"/warnings/{warning.id}")
    assert "11 件" in page.text and "京东" in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    done = officer.client.post(
        f"/warnings/{warning.id}/seen",
        data={"csrf_token": token, "verdict": "false", "note": "演练"},
    )
    assert done.status_code == 303
    session.refresh(warning)
    assert warning.false is True and warning.note == "演练"
    assert "误报" in officer.get("/warnings?seen=1").text
