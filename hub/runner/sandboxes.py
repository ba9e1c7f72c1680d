"""The five sandbox platforms of the demo: registered with the hub, started, controlled."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from hub.database import session_scope
from hub.runner.tree import Tree
from hub.sandbox import data
from hub.services.platforms import directory
from models import Platform


@dataclass(frozen=True)
class Sandbox:
    """One running sandbox platform, controlled over its HTTP control endpoints."""

    slug: str
    name: str
    port: int
    token: str  # bearer token for the hub's API
    control_token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def forward(self, report: dict[str, Any]) -> dict[str, Any]:
        """Have the platform send one report by signed webhook; returns the hub's response."""
        return self._post("/control/reports", report)

    def behave(self, **behaviour: Any) -> None:
        """Set the platform's simulated faults."""
        self._post("/control/behaviour", behaviour)

    def state(self) -> dict[str, Any]:
        """The platform's own counts."""
        answer = _session().get(f"{self.url}/control/state", headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-Sandbox-Token": self.control_token}

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        # Not requests' json=: a report may contain values of lenient JSON only, and the hub's
        # refusal of them is part of the demo.
        answer = _session().post(
            self.url + path, data=json.dumps(body).encode(), headers=self._headers, timeout=90
        )
        answer.raise_for_status()
        return answer.json()


_local = threading.local()


def _session() -> requests.Session:
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
    return _local.session


def free_ports(n: int) -> list[int]:
    """`n` free ports."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def start(tree: Tree, hub_url: str, directory_: Path, ports: list[int]) -> dict[str, Sandbox]:
    """Register new platforms, start all, wait until they answer.

    A platform's keys are shown once, so they are stored in its config file (mode 0600). Raises
    RuntimeError when a platform does not start.
    """
    directory_.mkdir(parents=True, exist_ok=True)
    shops = data.shops()
    started = {}
    for (slug, name), port in zip(data.NAMES.items(), ports, strict=True):
        config = directory_ / f"{slug}.json"
        values = _registered(config, slug, name, port)
        values.update(hub=hub_url, port=port, shops=shops[slug], parent_pid=os.getpid())
        _write_private(config, values)
        tree.add(f"sandbox-{slug}", [sys.executable, "-m", "hub.sandbox", "--config", str(config)])
        started[slug] = Sandbox(slug, name, port, values["token"], values["control_token"])
    _wait(started)
    return started


def _registered(config: Path, slug: str, name: str, port: int) -> dict[str, Any]:
    endpoint = f"http://127.0.0.1:{port}/hooks"
    with session_scope() as session:
        known = session.scalar(select(Platform).where(Platform.slug == slug))
        if known and config.exists():
            known.endpoint, known.paused_because = endpoint, None
            return json.loads(config.read_text("utf-8"))
        if known:
            raise RuntimeError(f"{config} is gone, but its platform is registered")
        made = directory.register(session, slug, name, endpoint)
    return {
        "platform": slug,
        "name": name,
        "store": str(config.with_suffix(".sqlite")),
        "secret": made.secret,
        "token": made.token,
        "hub_public_key": made.hub_key,
        "control_token": secrets.token_hex(16),
    }


def _write_private(path: Path, values: dict[str, Any]) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as f:
        json.dump(values, f, ensure_ascii=False)


def _wait(sandboxes: dict[str, Sandbox]) -> None:
    deadline = time.monotonic() + 30
    for sandbox in sandboxes.values():
        while True:
            try:
                sandbox.state()
                break
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"sandbox {sandbox.slug} did not come up") from None
                time.sleep(0.05)
