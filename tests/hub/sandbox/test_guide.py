"""The integrators' guide is run as it is printed."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "platforms" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def guide(hub, tmp_path):
    """A folder with the guide's files, and the environment it asks for."""
    for name, code in BLOCK.findall(GUIDE):
        (tmp_path / name).write_text(code, encoding="utf-8")
    shutil.copy(ROOT / "hub" / "sandbox" / "client.py", tmp_path / "hub_client.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "HUB_URL": hub.url,
        "HUB_PLATFORM": "jd",
        "HUB_SECRET": hub.secret,
        "HUB_KEYS": hub.public_key,
        "HUB_TOKEN": hub.token,
        "PORT": str(port),
        "NO_PROXY": "*",
    }
    return {"cwd": tmp_path, "env": environment, "port": port}


def run(guide, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=guide["cwd"],
        env=guide["env"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def receiver(guide):
    process = subprocess.Popen(
        [sys.executable, "receive.py"],
        cwd=guide["cwd"],
        env=guide["env"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def deliver(guide, sealed):
    """Send as the hub would, once the receiver is up."""
    headers, body = sealed
    deadline = time.monotonic() + 20
    while True:
        try:
            url = f"http://127.0.0.1:{guide['port']}/"
            return requests.post(url, data=body, headers=headers, timeout=20).status_code
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_every_python_block_is_a_file_that_is_run_here():
    names = [name for name, _ in BLOCK.findall(GUIDE)]
    assert len(names) == GUIDE.count("```python")
    assert sorted(names) == sorted(
        ["settings.py", "check_signing.py", "send_report.py", "send_batch.py"]
        + ["receive.py", "read.py"]
    )


def test_the_client_stays_short_enough_to_copy():
    lines = (ROOT / "hub" / "sandbox" / "client.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150


def test_the_signature_values_hold(guide):
    assert "ok" in run(guide, "check_signing.py")


def test_the_first_report_is_accepted(guide, hub):
    hub.faults = [(503, {"retry-after": "0"})]
    assert run(guide, "send_report.py").startswith("202")
    (report,) = hub.of_type("report.created")
    assert report["report_id"] == "JD20260420-0001"


def test_a_batch_is_accepted(guide, hub):
    assert "accepted 3 refused 0" in run(guide, "send_batch.py")


def test_the_read_side_answers(guide):
    printed = run(guide, "read.py", "JD1")
    assert "'report_id': 'JD1'" in printed
    assert [line.split()[-1] for line in printed.splitlines()[1:]] == ["od_1", "od_2", "od_3"]


def test_the_first_order_is_acknowledged_and_executed_once(guide, hub, make):
    subject = {"uscc": None, "merchant_name": "甲", "shops": [{"shop_id": "jd-1"}]}
    order = hub.seal("order.issued", make.penalty("od_1", subject=subject))
    with receiver(guide):
        assert {deliver(guide, order) for _ in range(3)} == {200}
        make.until(lambda: hub.of_type("order.executed"))
    kinds = [one["type"] for one in hub.taken.values()]
    assert kinds == ["order.acknowledged", "order.executed"]
    assert hub.of_type("order.executed")[0]["result"] == "executed"


def test_a_forged_order_is_refused_and_a_late_penalty_too(guide, hub, make):
    forged_headers, body = hub.seal("order.issued", make.penalty("od_1"), aud="suning")
    with receiver(guide):
        assert deliver(guide, (forged_headers, body)) == 401
        deliver(guide, hub.seal("order.revoked", make.revocation("od_1", "rv_1"), seq=2))
        deliver(guide, hub.seal("order.issued", make.penalty("od_1"), seq=1))
        make.until(lambda: hub.of_type("order.refused") and hub.of_type("order.executed"))
    assert hub.of_type("order.refused")[0]["reason_code"] == "revoked"
    assert [one["order_id"] for one in hub.of_type("order.executed")] == ["rv_1"]


def test_answers_outlive_the_receiver(guide, hub, make):
    hub.faults = [(503, {"retry-after": "60"})]
    with receiver(guide):
        deliver(guide, hub.seal("order.issued", make.penalty("od_1")))
        make.until(lambda: hub.attempts)
    with receiver(guide):
        make.until(lambda: hub.of_type("order.executed"))
    assert [one["order_id"] for one in hub.of_type("order.acknowledged")] == ["od_1"]
