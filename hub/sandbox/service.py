"""One platform at work: sends reports and answers, receives orders, executes them."""

import json
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import requests

from hub.sandbox import client, orders
from hub.sandbox.store import Store

SEND_BUDGET_S = 45.0
IDLE_S = 0.2
log = logging.getLogger("hub.sandbox")


@dataclass
class Config:
    """One platform's settings: the keys of the JSON file of `--config`."""

    platform: str
    hub: str
    port: int
    store: str
    secret: str
    hub_public_key: str  # two during a rotation, separated by a space
    name: str = ""
    token: str = ""
    control_token: str = ""
    issuer: str = ""  # empty: any issuer that signs with the hub's key
    parent_pid: int = 0
    shops: list[dict] = field(default_factory=list)
    behaviour: dict = field(default_factory=dict)

    @classmethod
    def load(cls, path: str) -> "Config":
        """Read the JSON file. Raises ValueError for unknown keys, which are likely misspelt."""
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        unknown = set(values) - {one.name for one in fields(cls)}
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        return cls(**values)


@dataclass(frozen=True)
class Behaviour:
    """Simulated faults. `hooks` is the reaction to an order; see HOOKS."""

    hooks: str = "ok"
    delay_s: float = 0.0  # for 'slow' and 'hang'
    execute_after_s: float = 0.0  # delay between receipt and execution

    HOOKS = ("ok", "error500", "hang", "close", "lose_reply", "refuse_orders", "slow")

    def __post_init__(self) -> None:
        if self.hooks not in self.HOOKS:
            raise ValueError(f"hooks must be one of {', '.join(self.HOOKS)}")
        if not all(0 <= number < 3600 for number in (self.delay_s, self.execute_after_s)):
            raise ValueError("delay_s and execute_after_s must be between 0 and 3600")


class SandboxPlatform:
    """A platform without its HTTP server. Thread-safe."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.store, config.shops)
        self.behaviour = Behaviour(**config.behaviour)
        self.stopping = threading.Event()
        self._webhook_url = f"{config.hub.rstrip('/')}/webhooks/{config.platform}"
        self._to_send, self._to_execute = threading.Event(), threading.Event()
        self._local = threading.local()
        self._awaited: set[str] = set()  # messages that a caller is waiting for

    def start(self) -> None:
        """Continue from the store: pending answers, waiting orders."""
        for step, wake in ((self._send_due, self._to_send), (self._execute, self._to_execute)):
            threading.Thread(target=self._repeat, args=(step, wake), daemon=True).start()

    # -- to the hub ----------------------------------------------------------------

    def report(self, data: dict) -> dict:
        """Send one report and wait for the hub's response; `status` 0: none yet."""
        self._learn_shop(data.get("subject") or {})
        return self._send_now("report.created", str(data.get("report_id", "")), data)

    def appeal(self, data: dict) -> dict:
        """Forward a merchant's appeal against an order."""
        appeal = {
            "appeal_id": f"apl_{uuid.uuid4().hex[:12]}",
            "at": client.now_rfc3339(),
            "evidence": [],
            **data,
        }
        return self._send_now("appeal.filed", str(appeal.get("order_id", "")), appeal)

    def _learn_shop(self, subject: dict) -> None:
        # A report about a shop of ours shows that we have that shop.
        if isinstance(subject, dict) and isinstance(subject.get("shop_id"), str):
            self.store.add_shop(subject)

    def _send_now(self, kind: str, ref: str, data: dict) -> dict:
        deadline = time.time() + SEND_BUDGET_S
        # Stored before it is sent: after the deadline or a crash the sender thread takes over.
        webhook_id = self.store.enqueue(kind, ref, data, not_before=deadline + client.TIMEOUT_S)
        self._awaited.add(webhook_id)
        try:
            message = self._send_until(webhook_id, deadline)
        finally:
            self._awaited.discard(webhook_id)
        self._to_send.set()
        status, answer = message["status"] or 0, message["answer"]
        return {"status": status, "body": _parsed(answer), "webhook_id": webhook_id}

    def _send_until(self, webhook_id: str, deadline: float) -> sqlite3.Row:
        message = self.store.outgoing(webhook_id)
        while True:
            next_at = self._attempt(message["webhook_id"], message["body"], message["attempts"])
            message = self.store.outgoing(webhook_id)
            if message["final"] or next_at > deadline or self.stopping.is_set():
                return message
            self.stopping.wait(next_at - time.time())

    def _attempt(self, webhook_id: str, body: bytes, attempts: int) -> float:
        """Send once and record the attempt; returns when to retry, if needed."""
        response = client.post(
            self._session, self._webhook_url, self.config.secret, webhook_id, body
        )
        status = None if response is None else response.status_code
        answer = "" if response is None else response.content[:65536].decode("utf-8", "replace")
        next_at = time.time() + client.wait_before(attempts + 1, response)
        self.store.record_attempt(webhook_id, status, answer, next_at)
        if status is None or status >= 400:
            log.warning("%s: %s answered %s", self.config.platform, webhook_id, status)
        return next_at

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False  # no proxy between us and the hub
        return self._local.session

    def _send_due(self) -> int:
        due = [m for m in self.store.due_messages() if m["webhook_id"] not in self._awaited]
        for message in due:
            if self.stopping.is_set():
                break
            self._attempt(message["webhook_id"], message["body"], message["attempts"])
        return len(due)

    # -- from the hub --------------------------------------------------------------

    def receive(self, headers: Mapping[str, str], body: bytes) -> str:
        """Verify and store one message of the hub. Raises NotFromHub, Malformed."""
        keys = self.config.hub_public_key.split()
        envelope = client.verify(keys, headers, body, self.config.platform)
        if self.config.issuer and envelope.get("iss") != self.config.issuer:
            raise client.NotFromHub("the message names another issuer")
        outcome = orders.receive(
            self.store, headers["webhook-id"], envelope, self.behaviour.execute_after_s
        )
        self._to_send.set()
        self._to_execute.set()
        return outcome

    def _execute(self) -> int:
        done = orders.execute_due(self.store, self.behaviour.hooks == "refuse_orders")
        if done:
            self._to_send.set()
        return done

    # -- background threads ----------------------------------------------------------------------

    def _repeat(self, step: Callable[[], int], wake: threading.Event) -> None:
        while not self.stopping.is_set():
            try:
                if step():
                    continue
            except Exception:
                if self.stopping.is_set():
                    return
                log.exception("%s: trying again", self.config.platform)
            wake.wait(IDLE_S)
            wake.clear()

    def stop(self) -> None:
        """Stop sending and executing; what is pending stays in the store."""
        self.stopping.set()
        self._to_send.set()
        self._to_execute.set()


def _parsed(answer: str | None) -> Any:
    try:
        return json.loads(answer or "null")
    except ValueError:
        return answer
