"""What a platform sends: signed as the standard says, kept until heard, once in effect."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from hub.sandbox import client

ROOT = Path(__file__).resolve().parents[3]
REPORT = {
    "report_id": "JD0001",
    "kind": "violation",
    "reported_at": "2026-04-20T09:00:00+08:00",
    "content": {"text": "口罩一盒卖到一百九十八"},
    "subject": {"shop_id": "jd-77", "shop_name": "新开的店", "uscc": "91310115MA5K2N8R3C"},
}


def test_a_signature_passes_the_reference_library(hub):
    body = client.message("report.created", REPORT)
    headers = client.signed_headers(hub.secret, client.new_webhook_id(), body)
    assert Webhook(hub.secret).verify(body, headers)["data"] == REPORT


def test_a_message_is_first_once_unless_its_transaction_fails():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute(client.INBOX_TABLE)
    db.execute("BEGIN")
    assert client.first_time(db, "msg_1")
    db.execute("ROLLBACK")
    assert client.first_time(db, "msg_1")
    assert not client.first_time(db, "msg_1")


def test_a_report_is_sent_and_its_receipt_kept(hub, start):
    jd = start()
    answer = jd.post("/control/reports", REPORT).json()
    assert answer["status"] == 202
    assert answer["body"] == {
        "receipt": f"rc_{answer['webhook_id']}",
        "report": "JD0001",
        "status": "received",
    }
    state = jd.state()
    assert (state["sent"], state["accepted"], state["refused"]) == (1, 1, 0)
    assert state["receipts"] == {"JD0001": answer["body"]["receipt"]}
    assert hub.of_type("report.created") == [REPORT]


def test_a_reported_shop_is_known_and_can_be_closed(hub, start, make):
    jd = start()
    jd.post("/control/reports", REPORT)
    subject = {"uscc": "91310115MA5K2N8R3C", "merchant_name": None, "shops": []}
    jd.hook(hub.seal("order.issued", make.penalty("od_1", subject=subject)))
    assert jd.settled(1)["executed"] == 1


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_retry_repeats_id_and_bytes(hub, start, status):
    hub.faults = [(status, {"retry-after": "0"}), (status, {})]
    jd = start()
    assert jd.post("/control/reports", REPORT).json()["status"] == 202
    assert [one[2] for one in hub.attempts] == [status, status, 202]
    assert len({one[:2] for one in hub.attempts}) == 1


def test_retry_after_is_honoured_up_to_a_day():
    response = client.requests.Response()
    response.headers["retry-after"] = "90"
    assert client.wait_before(1, response) == 90
    response.headers["retry-after"] = "9" * 9
    assert client.wait_before(1, response) == 24 * 3600
    response.headers["retry-after"] = "soon"
    assert all(0 < client.wait_before(n, response) <= 300 for n in range(1, 60))


@pytest.mark.parametrize(("status", "counted"), [(400, "refused"), (422, "quarantined")])
def test_a_refusal_is_final_and_kept(hub, start, status, counted):
    hub.faults = [(status, {})]
    jd = start()
    answer = jd.post("/control/reports", REPORT).json()
    assert (answer["status"], answer["body"]["code"]) == (status, "told_to")
    state = jd.state()
    assert (state[counted], state["accepted"], len(hub.attempts)) == (1, 0, 1)


def test_a_final_refusal_of_an_answer_is_not_repeated(hub, start, make):
    hub.faults = [(202, {}), (409, {})]
    jd = start()
    jd.hook(hub.seal("order.issued", make.penalty("od_1")))
    assert jd.settled(1)["executed"] == 1
    assert [status for _, _, status in hub.attempts] == [202, 409]


def test_answers_survive_a_kill(hub, start, make):
    hub.faults = [(503, {"retry-after": "1"})] * 3
    jd = start()
    jd.hook(hub.seal("order.issued", make.penalty("od_1")))
    make.until(lambda: hub.attempts)
    jd.process.kill()
    jd.process.wait()
    assert not hub.taken
    state = start().settled(1)
    assert [one["type"] for one in hub.taken.values()] == ["order.acknowledged", "order.executed"]
    assert state["effects"] == {"od_1": 1} and state["effects_total"] == 2
    assert len({webhook_id for webhook_id, _, _ in hub.attempts}) == 2


def test_orders_survive_kills_under_load(hub, start, make):
    sealed = [hub.seal("order.issued", make.penalty(f"od_{n}")) for n in range(40)]
    jd, open_orders = start(), list(sealed)
    while open_orders:
        for message in open_orders[:10]:
            jd.hook(message)
        jd.process.kill()  # whatever was not answered 200 is sent again, some of it in vain
        jd.process.wait()
        open_orders = open_orders[7:]
        jd = start()
    state = jd.settled(40)
    assert state["effects_total"] == 80 and state["executed_twice"] == 0
    assert sorted(one["order_id"] for one in hub.of_type("order.executed")) == sorted(
        f"od_{n}" for n in range(40)
    )


def test_an_appeal_is_passed_on(hub, start):
    jd = start()
    answer = jd.post("/control/appeal", {"order_id": "od_1", "reason": "进货价有凭证"}).json()
    assert answer["status"] == 202
    (appeal,) = hub.of_type("appeal.filed")
    assert appeal["order_id"] == "od_1" and appeal["evidence"] == []
    assert appeal["appeal_id"] and appeal["at"]


@pytest.mark.parametrize("fault", ["error500", "close", "hang", "lose_reply"])
def test_faults_show_and_pass(hub, start, make, fault):
    jd = start()
    assert jd.post("/control/behaviour", {"hooks": fault, "delay_s": 0.3}).status_code == 200
    sealed = hub.seal("order.issued", make.penalty("od_1"))
    if fault == "error500":
        assert jd.hook(sealed).status_code == 500
    else:
        with pytest.raises(client.requests.ConnectionError):
            jd.hook(sealed)
    jd.post("/control/behaviour", {"hooks": "ok"})
    assert jd.hook(sealed).status_code == 200
    assert jd.settled(1)["effects"] == {"od_1": 1}


def test_a_platform_may_refuse(hub, start, make):
    jd = start(behaviour={"hooks": "refuse_orders"})
    jd.hook(hub.seal("order.issued", make.penalty("od_1")))
    state = jd.settled(1)
    assert (state["refused_orders"], state["effects_total"]) == (1, 0)
    assert hub.of_type("order.refused")[0]["reason_code"] == "platform_declined"


def test_unknown_behaviour_is_refused(start):
    jd = start()
    assert jd.post("/control/behaviour", {"hooks": "explode"}).status_code == 422
    assert jd.post("/control/behaviour", {"hoks": "ok"}).status_code == 422


def test_the_control_door_needs_its_token(start):
    jd = start()
    jd.http.headers["x-sandbox-token"] = "guess"
    for path in ("/control/reports", "/control/appeal", "/control/behaviour"):
        assert jd.post(path, REPORT).status_code == 403
    assert jd.http.get(f"{jd.url}/control/state", timeout=30).status_code == 403
    assert jd.http.get(f"{jd.url}/health", timeout=30).json()["status"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told(start, number):
    jd = start()
    jd.process.send_signal(number)
    assert jd.process.wait(20) == 0


def test_it_ends_when_its_parent_is_gone(hub, start, make):
    """A parent starts a platform and is killed; the orphan must not keep its port."""
    jd = start()
    config = jd.process.args[-1]
    jd.end()
    parent = (
        "import subprocess, sys, time;"
        f"p = subprocess.Popen([sys.executable, '-m', 'hub.sandbox', '--config', {config!r}],"
        " stdout=subprocess.PIPE);"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        orphan = int(process.stdout.readline())
        process.kill()
    make.until(lambda: not alive(orphan))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
