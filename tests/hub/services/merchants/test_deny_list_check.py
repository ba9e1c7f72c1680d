"""Platforms pull the deny-list or ask who is on it; what they ask is kept nowhere."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from hub import locks
from hub.jobs import assess
from hub.locks import Lock
from hub.services.enforcement import approving
from hub.services.merchants import merging
from models import Case, DenyChange, DenyEntry, Merchant
from tests.hub.test_locks import free

USCC = "91110105MA5T7FBCX8"


def ask(sender, *merchants, **headers):
    return sender.client.post(
        "/api/v1/denylist/check",
        data=json.dumps({"merchants": merchants}),
        headers={"Authorization": f"Bearer {sender.token}", **headers},
    )


def pull(sender, query: str = "", **headers):
    named = {"Authorization": f"Bearer {sender.token}", **headers}
    return sender.client.get(f"/api/v1/denylist{query}", headers=named)


def verdicts(answer) -> list[str]:
    return [result["verdict"] for result in answer.json["results"]]


def test_a_barred_merchant_is_denied_on_every_platform(platforms, approved):
    for sender in platforms.values():
        answer = ask(sender, {"uscc": USCC}, {"uscc": "91310000MA1FL70B96"}, {"shop_name": "康宁"})
        assert answer.status_code == 200, answer.json
        assert verdicts(answer) == ["denied", "clear", "clear"]
    first = answer.json["results"][0]
    assert first["by"] == "uscc" and first["reason"] == "事实" and first["appeal"] is None


def test_a_name_alone_is_only_possible_and_a_stopped_number_says_nothing(jd, session, approved):
    jd.report(
        "J2", "哄抬价格", kind="violation",
        subject={"uscc": USCC, "merchant_name": "北京康宁商贸有限公司", "phone": "13800138000"},
    )  # fmt: skip
    assess.drain()
    answer = ask(jd, {"merchant_name": "北京康宁商贸有限公司"}, {"phone": "138 0013 8000"})
    assert verdicts(answer) == ["possible", "denied"]
    session.execute(
        text(
            "INSERT INTO shared_value (kind, value, holders) "
            "SELECT kind, value, 9 FROM identity WHERE kind = 'phone'"
        )
    )
    session.commit()
    assert verdicts(ask(jd, {"phone": "13800138000"})) == ["clear"]


def test_who_is_no_longer_barred_is_clear_and_the_list_says_so(jd, session, officers, approved):
    before = pull(jd).json
    assert [e["uscc"] for e in before["entries"]] == [USCC]
    case_ = session.get_one(Case, approved.id)
    approving.revoke(session, officers["wu"], case_.id, case_.version, "申诉成立")
    session.commit()
    assert verdicts(ask(jd, {"uscc": USCC})) == ["clear"]
    after = pull(jd, f"?after={before['version']}").json
    assert after["entries"][0]["ended_at"] and after["version"] > before["version"]
    assert pull(jd, f"?after={after['version']}").json["entries"] == []


def test_an_entry_runs_out_by_itself(jd, session, approved):
    session.execute(text("UPDATE deny_entry SET expires_at = now() - interval '1 second'"))
    session.commit()
    assert verdicts(ask(jd, {"uscc": USCC})) == ["clear"]


def test_nothing_new_is_304_and_a_change_is_not(jd, session, officers, approved):
    tag = pull(jd).headers["ETag"]
    again = pull(jd, **{"If-None-Match": tag})
    assert again.status_code == 304 and again.data == b""
    case_ = session.get_one(Case, approved.id)
    approving.revoke(session, officers["wu"], case_.id, case_.version, "申诉成立")
    session.commit()
    assert pull(jd, **{"If-None-Match": tag}).status_code == 200


def test_the_entry_goes_with_a_joined_merchant(jd, session, approved):
    barred = session.scalar(select(DenyEntry))
    version, other = barred.version, Merchant(name="另一个")
    session.add(other)
    session.flush()
    locks.hold(session, Lock.CLAIMS)
    stays = merging.join(session, session.get_one(Merchant, barred.merchant_id), other, [])
    session.commit()
    session.refresh(barred)
    assert barred.merchant_id == stays.id and barred.version == version
    assert verdicts(ask(jd, {"uscc": USCC})) == ["denied"]


def test_the_list_is_locked_at_the_end_of_a_transaction_alone(session, officers, proposed):
    """Or a decision that waits for a case would keep the list from one that has it."""
    approving.approve(session, officers["zhou"], proposed.id, proposed.version)
    session.flush()
    assert free(Lock.DENY_LIST) and session.scalar(select(DenyEntry)) is None
    approving.revoke(session, officers["wu"], proposed.id, proposed.version, "误判")
    assert free(Lock.DENY_LIST) and free(Lock.AUDIT_CHAIN)
    session.commit()
    changes = session.execute(select(DenyChange.version, DenyChange.what)).all()
    assert sorted(changes) == [(1, "entered"), (2, "ended")]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"[]", 400, "not_an_object"),
        (b'{"merchants": []}', 422, "invalid_fields"),
        (b'{"merchants": [1]}', 422, "invalid_fields"),
        (json.dumps({"merchants": [{}] * 1001}).encode(), 422, "invalid_fields"),
        (b'{"merchants": [{"uscc": "a\\u0000b"}]}', 400, "nul_character"),
    ],
)
def test_a_bad_question_is_named(jd, body, status, code):
    headers = {"Authorization": f"Bearer {jd.token}"}
    answer = jd.client.post("/api/v1/denylist/check", data=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_strangers_learn_nothing(jd):
    assert jd.client.get("/api/v1/denylist").status_code == 401
    assert jd.client.post("/api/v1/denylist/check", data=b"{}").status_code == 401


def test_a_thousand_merchants_are_one_question(jd, approved):
    asked = [{"uscc": USCC, "phone": f"1380013{n:04d}"} for n in range(1000)]
    answer = ask(jd, *asked)
    assert verdicts(answer) == ["denied"] * 1000
