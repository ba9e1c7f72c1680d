"""A stand-in for the hub, and platforms as real processes, all on loopback."""

import base64
import json
import secrets
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook, WebhookVerificationError

ROOT = Path(__file__).resolve().parents[3]
READY_S = 20


def until(condition, seconds=READY_S):
    """The first true value of `condition()`; fails when none comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {condition}")


class StandIn(ThreadingHTTPServer):
    """Takes messages as the hub does (signatures checked by the standardwebhooks library)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.key = Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes_raw()
        self.public_key = "whpk_" + base64.b64encode(raw).decode()
        self.token = "hub_token"
        self.taken = {}  # webhook-id -> envelope, in the order of arrival
        self.attempts = []  # (webhook-id, body, status) of each request that was signed
        self.faults = []  # (status, headers) of the next answers
        self.seq = 0
        self.lock = threading.Lock()

    def handle_error(self, request, client_address):
        """A platform that was killed in mid-sentence is no error of ours."""

    def of_type(self, kind):
        with self.lock:
            return [one["data"] for one in self.taken.values() if one["type"] == kind]

    def seal(self, kind, data, aud="jd", seq=None, webhook_id=None, at=None):
        """Headers and body of one message of the hub."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        envelope = {"type": kind, "timestamp": "2026-04-20T09:00:00+08:00", "data": data}
        envelope |= {"iss": "rumor-violation-hub", "aud": aud, "seq": seq}
        body = json.dumps(envelope, ensure_ascii=False).encode()
        webhook_id = webhook_id or f"msg_{secrets.token_hex(8)}"
        timestamp = str(int(at or time.time()))
        signature = self.key.sign(f"{webhook_id}.{timestamp}.".encode() + body)
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1a," + base64.b64encode(signature).decode(),
        }
        return headers, body


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn
    wbufsize = -1  # head and body in one piece: no waiting for a delayed ACK
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        hub = self.server
        try:
            Webhook(hub.secret).verify(body, dict(self.headers), json_parse=False)
        except WebhookVerificationError as error:
            return self.answer(401, {"code": "bad_signature", "detail": str(error)})
        webhook_id = self.headers["webhook-id"]
        with hub.lock:
            status, headers = hub.faults.pop(0) if hub.faults else (202, {})
            hub.attempts.append((webhook_id, body, status))
            if status != 202:
                return self.answer(status, {"code": "told_to"}, headers)
            envelope = json.loads(body)
            hub.taken.setdefault(webhook_id, envelope)
        self.answer(202, receipt(webhook_id, envelope))

    def do_GET(self):
        if self.headers["authorization"] != f"Bearer {self.server.token}":
            return self.answer(401, {"code": "unauthorized"})
        if self.path.startswith("/api/v1/reports/"):
            report = {"report_id": self.path.rpartition("/")[2], "status": "merged"}
            return self.answer(200, {**report, "case": "C7"})
        seq = int(self.path.rpartition("=")[2]) + 1  # three orders, one a page
        order = {"seq": seq, "type": "order.issued", "execution": "none"}
        page = [order | {"data": {"order_id": f"od_{seq}"}}]
        self.answer(200, {"orders": page, "next": seq, "more": seq < 3})

    def answer(self, status, body, headers=None):
        raw = json.dumps(body).encode()
        self.send_response(status)
        kind = "application/json" if status < 400 else "application/problem+json"
        for name, value in {"content-type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


def receipt(webhook_id, envelope):
    data = envelope["data"]
    if envelope["type"] == "report.batch":
        reports = [
            {"index": index, "report": one["report_id"], "status": "received", "warnings": []}
            for index, one in enumerate(data["reports"])
        ]
        counts = {"accepted": len(reports), "refused": 0, "reports": reports}
        return {"receipt": f"rc_{webhook_id}", **counts}
    if envelope["type"] == "report.created":
        return {"receipt": f"rc_{webhook_id}", "report": data["report_id"], "status": "received"}
    return {"receipt": f"rc_{webhook_id}", "status": "taken"}


class Process:
    """`python -m hub.sandbox` for one platform."""

    def __init__(self, config_file, token):
        command = [sys.executable, "-m", "hub.sandbox", "--config", str(config_file)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["x-sandbox-token"] = token

    def post(self, path, data, timeout=60):
        return self.http.post(self.url + path, json=data, timeout=timeout)

    def hook(self, sealed, timeout=30):
        headers, body = sealed
        return self.http.post(f"{self.url}/hooks", data=body, headers=headers, timeout=timeout)

    def state(self):
        return self.http.get(f"{self.url}/control/state", timeout=30).json()

    def settled(self, orders):
        """The state once `orders` orders and revocations are answered and heard."""

        def quiet():
            state = self.state()
            received = state["orders_received"] + state["revocations_received"]
            return state if received == orders and not state["pending_answers"] else None

        return until(quiet)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.http.close()


@pytest.fixture
def hub():
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


SHOPS = [
    {"shop_id": "jd-1", "shop_name": "口罩铺", "uscc": "91110105MA5T7FBCX8", "merchant_name": "甲"},
    {"shop_id": "jd-2", "shop_name": "口罩二铺", "uscc": "91110105MA5T7FBCX8"},
    {"shop_id": "jd-3", "shop_name": "<script>alert(1)</script>", "uscc": ""},
]


@pytest.fixture
def start(hub, tmp_path):
    """Start the platform `jd`; called again it takes up the same store."""
    started = []

    def start_one(**changes):
        config = {
            "platform": "jd",
            "name": "京东",
            "hub": hub.url,
            "port": 0,
            "store": str(tmp_path / "jd.sqlite"),
            "secret": hub.secret,
            "token": hub.token,
            "control_token": "control",
            "hub_public_key": hub.public_key,
            "issuer": "rumor-violation-hub",
            "shops": SHOPS,
        }
        file = tmp_path / "jd.json"
        file.write_text(json.dumps(config | changes), encoding="utf-8")
        started.append(Process(file, "control"))
        return started[-1]

    yield start_one
    for one in started:
        one.end()


def penalty(order_id, codes=("close_shop",), **changes):
    """Data of an order.issued against the merchant of SHOPS."""
    measure = {"label": "关闭店铺", "target": "shop", "legal_ground": "电子商务法第三十八条"}
    measure |= {"term_days": None, "reversible": True}
    subject = {"uscc": "91110105MA5T7FBCX8", "merchant_name": "甲", "license_no": None, "shops": []}
    return {
        "order_id": order_id,
        "decision_id": "C1-1",
        "kind": "violation",
        "measures": [{"code": code, **measure} for code in codes],
        "subject": subject,
        "claim": None,
        "facts": "哄抬口罩价格",
        "answer_by": "2030-01-01T00:00:00+08:00",
        "not_before": "2026-04-20T09:00:00+08:00",
        "expires_at": None,
        "supersedes": None,
    } | changes


def revocation(order_id, revocation_id):
    """Data of an order.revoked."""
    why = {"reason": "证据不足", "answer_by": "2030-01-01T00:00:00+08:00"}
    return {"order_id": order_id, "revocation_id": revocation_id, **why}


@pytest.fixture
def make():
    """The builders of messages, for tests that cannot import this file."""

    class Make:
        penalty = staticmethod(penalty)
        revocation = staticmethod(revocation)
        until = staticmethod(until)

    return Make
