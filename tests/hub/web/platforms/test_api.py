"""The read side: a platform sees its own, all of it, and nothing else."""

from __future__ import annotations

import pytest

from hub.jobs import assess
from hub.services.enforcement import approving, proposing
from models import Case, User

TEXT = "紧急提醒：本市明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油"


def get(sender, path: str, token: str | None = None):
    headers = {"Authorization": f"Bearer {token or sender.token}"}
    return sender.client.get(f"/api/v1{path}", headers=headers)


def test_a_platform_reads_its_own_report(jd):
    jd.report("J/1", TEXT)
    before = get(jd, "/reports/J/1")
    assert (before.status_code, before.json["status"]) == (200, "received")
    assess.drain()
    after = get(jd, "/reports/J/1").json
    assert (after["status"], after["case"]) == ("triage", "C1")
    assert after["reported"]["content"]["text"] == TEXT


def test_anothers_report_does_not_exist(platforms):
    platforms["jd"].report("J1", TEXT)
    assert get(platforms["weidian"], "/reports/J1").status_code == 404


@pytest.mark.parametrize("token", ["wrong", "", "héllo", "Bearer"])
def test_a_wrong_token_is_refused(jd, token):
    answer = jd.client.get("/api/v1/orders", headers={"Authorization": f"Bearer {token}".encode()})
    assert (answer.status_code, answer.json["code"]) == (401, "bad_token")
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=1e3", "limit=٣", "after=" + "9" * 30]
)
def test_a_bad_number_is_named(jd, query):
    answer = get(jd, f"/orders?{query}")
    assert answer.status_code == 422 and answer.json["errors"][0]["field"] in query


def test_orders_are_pulled_in_seq_order_and_only_ones_own(platforms, session):
    jd, weidian = platforms["jd"], platforms["weidian"]
    for n in range(3):
        jd.report(f"J{n}", f"第{n}条不同的传言：{'天地人'[n]}号水库决堤，下游{n + 3}个村庄立即撤离")
    assess.drain()
    lin = User(username="lin", name="林", role="handler", password_hash="-")
    zhou = User(username="zhou", name="周", role="approver", password_hash="-")
    session.add_all([lin, zhou])
    session.commit()
    for case in session.query(Case).order_by(Case.id):
        proposing.propose(session, lin, case.id, case.version, ["label_content"], "事实")
        session.commit()
        approving.approve(session, zhou, case.id, case.version)
    session.commit()
    page = get(jd, "/orders?after=0&limit=2").json
    seqs = [o["seq"] for o in page["orders"]]
    total = len(seqs) + len(get(jd, f"/orders?after={page['next']}").json["orders"])
    assert seqs == sorted(seqs) and total == session.query(Case).count()
    own = {o["data"]["order_id"] for o in page["orders"]}
    others = {o["data"]["order_id"] for o in get(weidian, "/orders").json["orders"]}
    assert own and others and not own & others
    for order in get(weidian, "/orders").json["orders"]:
        assert order["data"]["claim"]["reports"] == []


@pytest.mark.parametrize("after", [2**31, 2**53, 10**15])
def test_after_a_number_no_order_will_ever_have_comes_nothing(jd, after):
    assert get(jd, f"/orders?after={after}").json["orders"] == []
