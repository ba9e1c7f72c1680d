"""Typed settings, read from the environment once; every default is safe.

| variable | default | meaning |
|---|---|---|
| HUB_INSTANCE | ./instance | where the embedded servers, keys and the encoder live |
| DATABASE_URL | embedded PostgreSQL | postgresql+psycopg://... |
| REDIS_URL | embedded Valkey | redis://... or unix://... |
| HUB_SECRET_KEY | stored in the instance directory | signs sessions, encrypts platform keys |
| HUB_IDENTITY_KEYS | stored in the instance directory | hash persons' numbers; newest first |
| HUB_SHARED_SALT | stored in the instance directory | salt of platforms' hashes of numbers |
| HUB_BIND | 127.0.0.1:8000 | where the web process listens |
| HUB_ISSUER | rumor-violation-hub | `iss` of everything the hub sends |
| HUB_ENCODER | <instance>/encoder | a sentence-transformers directory |
| HUB_OUTBOUND_ALLOW | (empty) | host:port pairs exempt from the private-address guard |
| HUB_OFFICE | 市场监督管理局 | the office's name in the heading of papers |
| HUB_HTTPS | 0 | 1 marks cookies Secure |
| HUB_DINGTALK, HUB_DINGTALK_SECRET | (none) | address and secret of a DingTalk group robot |
| HUB_WECOM | (none) | address of a WeCom group robot |
| HUB_SMTP, HUB_MAIL_FROM, HUB_MAIL_TO | (none) | host:port of a mail server; sender, recipient |
| HUB_OIDC_ISSUER | (none) | the OpenID Connect provider for single sign-on |
| HUB_OIDC_CLIENT_ID, HUB_OIDC_SECRET | (none) | the hub's client there |
| HUB_STEP_UP | on | off: approving needs no second factor (the demo) |
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SINGLE_LIMIT = 256 * 1024  # bytes of one message
BATCH_LIMIT = 4 * 1024 * 1024  # bytes of a report.batch
IDENTITY_KEYS = "identity.keys"  # file in the instance directory, one key per line, newest first
CLOCK_TOLERANCE = 300  # seconds a message's timestamp may be off in either direction


class NotConfigured(RuntimeError):
    """A server is neither configured in the environment nor started by `python -m hub`."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process of the hub."""

    instance: Path
    database_url: str | None
    redis_url: str | None
    secret_key: str
    identity_keys: tuple[str, ...]
    shared_salt: str
    bind: str
    issuer: str
    encoder: Path
    outbound_allow: frozenset[str]
    https: bool
    office: str = "市场监督管理局"
    dingtalk: str = ""
    dingtalk_secret: str = ""
    wecom: str = ""
    smtp: str = ""
    mail_from: str = ""
    mail_to: str = ""
    step_up: bool = True
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_secret: str = ""

    @property
    def base_url(self) -> str:
        return f"http://{self.bind}"


def _stored_secret(instance: Path, name: str = "secret.key") -> str:
    """A secret of this installation, generated on first use, readable only by its owner."""
    path = instance / name
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        # Linked into place complete: a process started in parallel never reads half of it.
        made = path.with_name(f"{name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_secret(made, secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()


def write_secret(path: Path, text: str) -> None:
    """Create or replace a file that only its owner may read."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as f:
        f.write(text)


def servers_file(instance: Path) -> Path:
    """Where a running hub records its embedded servers, for commands run beside it."""
    return instance / "servers.json"


def _running_servers(instance: Path) -> dict[str, str]:
    try:
        return json.loads(servers_file(instance).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


@cache
def settings() -> Settings:
    """Settings of this process."""
    env = os.environ
    instance = Path(env.get("HUB_INSTANCE", "instance")).resolve()
    running = _running_servers(instance)
    return Settings(
        instance=instance,
        database_url=env.get("DATABASE_URL") or running.get("DATABASE_URL"),
        redis_url=env.get("REDIS_URL") or running.get("REDIS_URL"),
        secret_key=env.get("HUB_SECRET_KEY") or _stored_secret(instance),
        identity_keys=tuple(
            (env.get("HUB_IDENTITY_KEYS") or _stored_secret(instance, IDENTITY_KEYS))
            .replace(",", " ")
            .split()
        ),
        shared_salt=env.get("HUB_SHARED_SALT") or _stored_secret(instance, "shared.salt"),
        bind=env.get("HUB_BIND", "127.0.0.1:8000"),
        issuer=env.get("HUB_ISSUER", "rumor-violation-hub"),
        encoder=Path(env.get("HUB_ENCODER", instance / "encoder")),
        outbound_allow=frozenset(filter(None, env.get("HUB_OUTBOUND_ALLOW", "").split(","))),
        https=env.get("HUB_HTTPS") == "1",
        office=env.get("HUB_OFFICE", "市场监督管理局"),
        dingtalk=env.get("HUB_DINGTALK", ""),
        dingtalk_secret=env.get("HUB_DINGTALK_SECRET", ""),
        wecom=env.get("HUB_WECOM", ""),
        smtp=env.get("HUB_SMTP", ""),
        mail_from=env.get("HUB_MAIL_FROM", ""),
        mail_to=env.get("HUB_MAIL_TO", ""),
        oidc_issuer=env.get("HUB_OIDC_ISSUER", ""),
        oidc_client_id=env.get("HUB_OIDC_CLIENT_ID", ""),
        oidc_secret=env.get("HUB_OIDC_SECRET", ""),
        step_up=env.get("HUB_STEP_UP", "on").lower() not in ("off", "0"),
    )
