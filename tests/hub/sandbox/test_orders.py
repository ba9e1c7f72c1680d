"""Orders at a platform: forged ones never, true ones once, the last one wins."""

import base64
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.sandbox import orders
from hub.sandbox.store import Store


def status_of(state, shop_id):
    return next(shop["status"] for shop in state["shops"] if shop["shop_id"] == shop_id)


def test_an_order_is_acknowledged_then_executed(hub, start, make):
    jd = start()
    assert jd.hook(hub.seal("order.issued", make.penalty("od_1"))).status_code == 200
    state = jd.settled(1)
    assert [one["type"] for one in hub.taken.values()] == ["order.acknowledged", "order.executed"]
    answer = hub.of_type("order.executed")[0]
    assert (answer["order_id"], answer["result"]) == ("od_1", "executed")
    assert {(one["target"], one["ok"]) for one in answer["done"]} == {
        ("jd-1", True),
        ("jd-2", True),
    }
    assert status_of(state, "jd-1") == status_of(state, "jd-2") == "close_shop"
    assert status_of(state, "jd-3") == "normal"
    assert state["effects"] == {"od_1": 1} and state["effects_total"] == 2
    assert (state["acknowledged"], state["executed"], state["executed_twice"]) == (1, 1, 0)


def forgeries():
    def other_key(hub, headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        forged = base64.b64encode(Ed25519PrivateKey.generate().sign(signed)).decode()
        return headers | {"webhook-signature": f"v1a,{forged}"}, body

    yield "other key", other_key
    yield "changed body", lambda hub, headers, body: (headers, body.replace(b"od_1", b"od_2"))
    yield "changed id", lambda hub, headers, body: (headers | {"webhook-id": "msg_x"}, body)
    yield "no signature", lambda hub, headers, body: (headers | {"webhook-signature": ""}, body)
    yield "not base64", lambda hub, headers, body: (headers | {"webhook-signature": "v1a,!"}, body)
    yield "odd time", lambda hub, headers, body: (headers | {"webhook-timestamp": "1.7e9"}, body)


@pytest.mark.parametrize("forge", [f for _, f in forgeries()], ids=[n for n, _ in forgeries()])
def test_a_forged_order_is_refused(hub, start, make, forge):
    jd = start()
    headers, body = hub.seal("order.issued", make.penalty("od_1"))
    assert jd.hook(forge(hub, headers, body)).status_code == 401
    assert jd.hook((headers, body)).status_code == 200  # the refusal cost the true one nothing


@pytest.mark.parametrize(
    "how",
    [
        {"at": time.time() - 330},
        {"at": time.time() + 3600},
        {"aud": "suning"},
        {"aud": None},
    ],
    ids=["old", "from the future", "addressed to another", "addressed to nobody"],
)
def test_an_order_out_of_place_is_refused(hub, start, make, how):
    jd = start()
    assert jd.hook(hub.seal("order.issued", make.penalty("od_1"), **how)).status_code == 401
    state = jd.state()
    assert (state["orders_received"], state["effects_total"]) == (0, 0)


def test_another_issuer_is_refused(hub, start, make):
    jd = start(issuer="somebody-else")
    assert jd.hook(hub.seal("order.issued", make.penalty("od_1"))).status_code == 401


def test_both_keys_hold_during_a_rotation(hub, start, make):
    new = Ed25519PrivateKey.generate()
    public = "whpk_" + base64.b64encode(new.public_key().public_bytes_raw()).decode()
    jd = start(hub_public_key=f"{hub.public_key} {public}")
    assert jd.hook(hub.seal("order.issued", make.penalty("od_1"))).status_code == 200
    hub.key = new
    assert jd.hook(hub.seal("order.issued", make.penalty("od_2"))).status_code == 200


def test_a_signed_message_that_is_no_order_is_refused(hub, start):
    jd = start()
    refused = jd.hook(hub.seal("order.issued", {"order_id": "od_1"}))
    assert refused.status_code == 400
    assert jd.hook(hub.seal("test.ping", {})).status_code == 200


def test_an_order_that_comes_a_hundred_times_takes_effect_once(hub, start, make):
    jd = start()
    same = hub.seal("order.issued", make.penalty("od_1"))
    resent = [hub.seal("order.issued", make.penalty("od_1"), seq=1) for _ in range(20)]

    def send(sealed):
        headers, body = sealed
        return requests.post(f"{jd.url}/hooks", data=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, [same] * 80 + resent)) == {200}
    state = jd.settled(1)
    assert state["effects"] == {"od_1": 1} and state["effects_total"] == 2
    assert len(hub.of_type("order.executed")) == 1


def test_a_revocation_restores_the_shop(hub, start, make):
    jd = start()
    jd.hook(hub.seal("order.issued", make.penalty("od_1", ("close_shop", "bar_onboarding"))))
    assert jd.settled(1)["denylist"] == ["91110105MA5T7FBCX8"]
    jd.hook(hub.seal("order.revoked", make.revocation("od_1", "rv_1")))
    state = jd.settled(2)
    assert status_of(state, "jd-1") == "normal" and state["denylist"] == []
    assert {one["order_id"]: one["result"] for one in hub.of_type("order.executed")} == {
        "od_1": "executed",
        "rv_1": "executed",
    }


def test_what_cannot_be_undone_is_said(hub, start, make):
    jd = start()
    issued = make.penalty("od_1")
    issued["measures"][0]["reversible"] = False
    jd.hook(hub.seal("order.issued", issued))
    jd.settled(1)
    jd.hook(hub.seal("order.revoked", make.revocation("od_1", "rv_1")))
    jd.settled(2)
    answer = hub.of_type("order.executed")[1]
    assert answer["result"] == "partial" and not any(one["ok"] for one in answer["done"])


def test_a_revocation_that_comes_first_stops_the_penalty(hub, start, make):
    jd = start()
    jd.hook(hub.seal("order.revoked", make.revocation("od_1", "rv_1"), seq=2))
    jd.hook(hub.seal("order.issued", make.penalty("od_1"), seq=1))
    state = jd.settled(2)
    assert state["effects_total"] == 0 and status_of(state, "jd-1") == "normal"
    assert hub.of_type("order.refused")[0]["reason_code"] == "revoked"
    assert hub.of_type("order.executed")[0]["order_id"] == "rv_1"


@pytest.mark.parametrize("eager", [True, False], ids=["executed at once", "executed at the end"])
def test_every_order_of_arrival_ends_alike(make, eager):
    """close (1), revoked (2), suspend (3), superseded by warn (4); trading stopped (5)."""
    issued, revoked = "order.issued", "order.revoked"
    messages = [
        (issued, make.penalty("od_1", ("close_shop",))),
        (revoked, make.revocation("od_1", "rv_1")),
        (issued, make.penalty("od_3", ("suspend_shop",))),
        (issued, make.penalty("od_4", ("warn",), supersedes="od_3")),
        (issued, make.penalty("od_5", ("suspend_trading",))),
    ]
    sent = [
        {"type": kind, "seq": seq, "data": data} for seq, (kind, data) in enumerate(messages, 1)
    ]
    shop = {"shop_id": "jd-1", "uscc": "91110105MA5T7FBCX8"}
    for arrival in itertools.permutations(sent):
        store = Store(":memory:", [shop])
        for message in [*arrival, *arrival]:
            orders.receive(store, f"msg_{message['seq']}", message)
            if eager:
                orders.execute_due(store)
        orders.execute_due(store)
        state = store.state()
        assert status_of(state, "jd-1") == "suspend_trading"
        assert state["executed_twice"] == 0 and state["orders_received"] == 4
        live = store.rows("SELECT order_id FROM effects WHERE undone_at IS NULL ORDER BY seq")
        assert [row["order_id"] for row in live] == ["od_4", "od_5"]
        store.close()


def test_a_merchant_that_is_not_here_is_kept_out(hub, start, make):
    jd = start()
    elsewhere = {"uscc": "92310115MA99B58Y4R", "merchant_name": "乙", "shops": []}
    jd.hook(hub.seal("order.issued", make.penalty("od_1", subject=elsewhere)))
    state = jd.settled(1)
    assert hub.of_type("order.executed")[0]["result"] == "absent"
    assert state["denylist"] == ["92310115MA99B58Y4R"] and state["absent"] == 1


def test_same_name_is_not_the_same_merchant(hub, start, make):
    jd = start()
    namesake = {"uscc": None, "merchant_name": "甲", "shops": []}
    jd.hook(hub.seal("order.issued", make.penalty("od_1", subject=namesake)))
    assert status_of(jd.settled(1), "jd-1") == "normal"


def test_a_rumor_order_acts_on_the_posts(hub, start, make):
    jd = start()
    posts = [f"JD{n:04d}" for n in range(150)]
    claim = {"text": "盐要断货", "reports": posts, "urls": ["https://post.example.com/1"]}
    issued = make.penalty("od_1", ("label_content", "push_debunk"), subject=None, claim=claim)
    jd.hook(hub.seal("order.issued", issued | {"kind": "rumor"}))
    state = jd.settled(1)
    answer = hub.of_type("order.executed")[0]
    assert state["effects_total"] == 2 * 151
    assert len(answer["done"]) <= 100 and answer["reached"] > 0


def test_a_rumor_nobody_posted_here_is_absent(hub, start, make):
    jd = start()
    claim = {"text": "盐要断货", "reports": [], "urls": []}
    jd.hook(hub.seal("order.issued", make.penalty("od_1", subject=None, claim=claim)))
    state = jd.settled(1)
    assert (state["absent"], state["denylist"], state["effects_total"]) == (1, [], 0)


def test_an_order_waits_for_its_day_and_expires(hub, start, make):
    jd = start()
    later = make.penalty("od_1", not_before="2099-01-01T00:00:00+08:00")
    jd.hook(hub.seal("order.issued", later))
    jd.hook(hub.seal("order.issued", make.penalty("od_2", expires_at="2026-04-21T00:00:00+08:00")))
    make.until(lambda: hub.of_type("order.refused"))
    assert hub.of_type("order.refused")[0]["reason_code"] == "expired"
    make.until(lambda: jd.state()["pending_answers"] == 1)  # od_1, still waiting
    assert jd.state()["effects_total"] == 0


def test_an_unreadable_order_does_not_hold_up_the_next(hub, start, make):
    jd = start()
    odd = make.penalty("od_1", subject={"shops": "none"})
    assert jd.hook(hub.seal("order.issued", odd)).status_code == 200
    jd.hook(hub.seal("order.issued", make.penalty("od_2")))
    assert jd.settled(2)["executed"] == 1
    assert hub.of_type("order.refused")[0]["reason_code"] == "unreadable"


def test_outcomes_of_reports_are_kept_the_newest_wins(hub, start):
    jd = start()
    for seq, status in ((7, "decided"), (5, "merged")):
        told = {"reports": [{"report_id": "JD1", "status": status, "case": "C1"}]}
        assert jd.hook(hub.seal("report.updated", told, seq=seq)).status_code == 200
    assert jd.state()["outcomes"] == {"JD1": "decided"}


def test_the_page_shows_and_escapes(hub, start, make):
    jd = start()
    jd.hook(hub.seal("order.issued", make.penalty("od_1")))
    jd.settled(1)
    page = requests.get(jd.url, timeout=30)
    assert "关闭店铺" in page.text and "od_1" in page.text
    assert "<script" not in page.text and "&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
