"""The directory of platforms 平台: registration, endpoints, capabilities, suspension."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.outbound import client
from hub.problems import not_found
from hub.services.audit import audit_log
from hub.services.platforms import keys, outbox
from models import Delivery, Platform

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,31}\Z", re.ASCII)


@dataclass(frozen=True)
class Registered:
    """A new platform and its secrets, shown only once."""

    platform: Platform
    secret: str
    token: str
    hub_key: str  # public Ed25519 key, or the shared secret of an HMAC platform

    def shown(self) -> dict[str, str]:
        """What to hand over to the platform's engineer."""
        return {
            "platform": self.platform.slug,
            "signing secret (sign your webhooks with it)": self.secret,
            "bearer token (read side)": self.token,
            "hub's key (verify what the hub sends)": self.hub_key,
        }


def register(
    session: Session, slug: str, name: str, endpoint: str, scheme: str = "v1a"
) -> Registered:
    """Register a platform. Raises ValueError for a malformed or taken slug, or no plain URL."""
    if not _SLUG.match(slug):
        raise ValueError("a slug has 2 to 32 of a-z 0-9 -, and starts with a letter")
    if session.scalar(select(Platform.id).where(Platform.slug == slug)):
        raise ValueError(f"the platform {slug!r} is registered already")
    check_endpoint(endpoint)
    platform = Platform(slug=slug, name=name, endpoint=endpoint, signature_scheme=scheme)
    session.add(platform)
    session.flush()
    outbound = "outbound_hmac" if scheme == "v1" else "outbound_ed25519"
    return Registered(
        platform,
        secret=keys.issue(session, platform, "inbound_hmac"),
        token=keys.issue(session, platform, "bearer"),
        hub_key=keys.issue(session, platform, outbound),
    )


def declare(
    session: Session, platform_id: int, codes: list[str], kind: str | None, at: datetime
) -> bool:
    """Store a platform's declared capabilities; False when it declared newer ones than `at`."""
    platform = session.get_one(Platform, platform_id, with_for_update=dict(CHANGING))
    if platform.capabilities_at and platform.capabilities_at > at:
        return False
    platform.capabilities = sorted(set(codes))
    platform.capabilities_at, platform.kind = at, kind or platform.kind
    audit_log.note(
        session, audit_log.platform_actor(platform.slug), "capabilities",
        kind=platform.kind, codes=platform.capabilities,
    )  # fmt: skip
    return True


def locked(session: Session, slug: str) -> Platform:
    """The platform of this slug, locked. Raises Problem 404."""
    query = select(Platform).where(Platform.slug == slug).with_for_update(**CHANGING)
    platform = session.scalar(query)
    if platform is None:
        raise not_found("没有这个平台。")
    return platform


def suspend(session: Session, platform: Platform) -> bool:
    """Stop accepting messages from a platform and sending it new orders; existing orders can
    still be revoked. False when it is suspended already. `platform` is locked."""
    was, platform.active = platform.active, False
    return was


def reactivate(session: Session, platform: Platform) -> bool:
    """Reactivate a suspended platform; the sweeper sends it the orders in force that it
    missed. False when it is active already. `platform` is locked."""
    if platform.active:
        return False
    platform.active, platform.caught_up_at = True, None
    return True


def check_endpoint(endpoint: str) -> None:
    """Raises ValueError when `endpoint` is no plain http(s) URL. The address it
    resolves to is checked at every attempt, since that may change."""
    try:
        client.plain_url(endpoint)
    except client.Blocked as error:
        raise ValueError(str(error)) from None


def ping(session: Session, platform: Platform) -> Delivery:
    """Send `test.ping`: to check that messages arrive and their signature verifies."""
    seq = outbox.next_seq(session, platform)
    return outbox.put(session, platform, "test.ping", seq, {"note": "测试消息，请答 200"})
