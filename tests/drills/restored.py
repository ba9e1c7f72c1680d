"""A backup is taken under load and put in place of a hub that went on: what platforms send again
after it is not lost and not doubled, and no order is executed twice."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime

import requests
from sqlalchemy import func, select

from hub.database import dispose, session_scope
from hub.sandbox.store import Store
from models import AuditEntry, Order
from tests.drills import desk
from tests.drills.harness import ROOT, Hub, Row, hub, wait_until
from tests.drills.platform import WORDS, Flow, Signer, report_body
from tests.drills.workers_killed import effects, unanswered

ORDERS = 3  # decisions before the backup, while it is taken, and after it


def run(size: int) -> Row:
    """`size` backups, each restored over the hub that ran on."""
    row, house = Row("backup taken under load, restored"), hub()
    for number in range(size):
        file = house.home / f"backup-{number}.tar"
        kept, lost = _go_on_past_a_backup(house, file, row)
        began = time.monotonic()
        _flask("backup", "restore", str(file), "--replace")
        dispose()
        wait_until(house.healthy, "the restored hub answers", 60)
        row.worst_s = max(row.worst_s, time.monotonic() - began)
        _send_again(house, row, kept[0])
        for decision in kept[1]:
            wait_until(lambda d=decision: unanswered(d) == 0, "every platform's answer is back")
            effects(house, row, decision)
        _effects_once(house, row, lost)
        kept[0].settle(row)
        kept[0].balance(row)
        file.unlink()
    row.figures = {"restores": size, **row.figures}
    return row


def _go_on_past_a_backup(house: Hub, file, row: Row) -> tuple[tuple[Flow, list[int]], list[str]]:
    """Reports and decisions before, during and after a backup; what it must hold, and the
    orders that it cannot."""
    with Flow(house, threads=2, pause=0.05) as flow:
        before = [_decide() for _ in range(ORDERS)]
        wait_until(lambda: unanswered(before[0]) == 0, "an order is executed before the backup")
        _flask("backup", "create", "--out", str(file))
        since = len(flow.acknowledged)
        after = [_decide() for _ in range(ORDERS)]
        wait_until(lambda: unanswered(after[-1]) == 0, "orders are executed after the backup")
        wait_until(lambda: len(flow.acknowledged) > since + 20, "reports flow after the backup")
        with session_scope() as session:
            lost = session.scalars(select(Order.public_id).where(Order.decision_id.in_(after)))
            return (flow, before), list(lost)


def _decide() -> int:
    with session_scope() as session:
        return desk.ordered(session).id


def _send_again(house: Hub, row: Row, flow: Flow) -> None:
    """What a platform does that reads /api/v1/recovery: the same ids, the same bytes. A receipt
    may be new (the message was lost with the hub) but never a second one for what was kept."""
    token = house.platforms["jd"].token
    told = _told(house, token)
    row.check(bool(told) and datetime.fromisoformat(told[0]["since"]) is not None, "nobody is told")
    again = 0
    for webhook_id, (report_id, receipt) in list(flow.acknowledged.items()):
        number = int(report_id.rsplit("-", 1)[1])
        answer = _patiently(
            flow.signer, webhook_id, report_body(report_id, WORDS[number % len(WORDS)])
        )
        again += answer["receipt"] != receipt
        flow.acknowledged[webhook_id] = (report_id, answer["receipt"])
    row.check(again > 0, "nothing came after the backup: the drill drilled nothing")
    unknown = _answers_again(house)
    row.figures = {"sent_again": again, "answers_to_lost_orders": unknown}


def _told(house: Hub, token: str) -> list[dict]:
    headers = {"Authorization": f"Bearer {token}"}
    while True:  # the web's pooled connections died with the old database
        answer = requests.get(f"{house.base_url}/api/v1/recovery", headers=headers, timeout=30)
        if answer.status_code != 503:
            return answer.json()["restores"]
        time.sleep(0.2)


def _patiently(signer: Signer, webhook_id: str, body: bytes) -> dict:
    while (answer := signer.post(webhook_id, body)).status_code == 503:
        time.sleep(0.2)
    return answer.json()


def _answers_again(house: Hub) -> int:
    """The platforms' answers to orders, too; how many named an order the hub knows no more."""
    unknown = 0
    for slug in house.platforms:
        store = Store(str(house.home / "demo" / "sandbox" / f"{slug}.sqlite"), [])
        rows = store.rows("SELECT webhook_id, body FROM outbox WHERE type LIKE 'order.%'")
        store.close()
        for message in rows:
            answer = _patiently(Signer(house, slug), message["webhook_id"], bytes(message["body"]))
            unknown += answer.get("code") == "unknown_order"
    return unknown


def _effects_once(house: Hub, row: Row, orders: list[str]) -> None:
    """Orders the hub lost were carried out once, and the log says that a restore was made."""
    done = [sandbox.state()["effects"] for sandbox in house.platforms.values()]
    for order in orders:
        row.tries += 1
        row.doubled += sum(state.get(order, 0) for state in done) > 1
    with session_scope() as session:
        noted = session.scalar(select(func.count()).where(AuditEntry.action == "restored"))
    row.check(noted > 0, "the log does not say that the hub was restored")


def _flask(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
