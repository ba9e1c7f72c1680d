"""`flask platforms`: participating platforms, their keys and rate limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TextIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.cli.commands import Commands
from hub.database import session_scope
from hub.services.audit import audit_log
from hub.services.enforcement import measures
from hub.services.platforms import delivery, directory, keys
from models import Platform

_LONGEST = 4096  # characters of a public key's file
platforms = Commands("platforms", help="Participating platforms and their keys.")


@platforms.command("add")
@click.argument("slug")
@click.argument("name")
@click.argument("endpoint")
@click.option("--scheme", type=click.Choice(["v1a", "v1"]), default="v1a")
def platforms_add(slug: str, name: str, endpoint: str, scheme: str) -> None:
    """Register a platform and show its keys; secrets are shown only once."""
    with session_scope() as session:
        try:
            made = directory.register(session, slug, name, endpoint, scheme)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit_log.note(session, "cli", "platform_added", platform=slug)
    for label, value in made.shown().items():
        click.echo(f"{label}: {value}")


@platforms.command("list")
def platforms_list() -> None:
    """Every platform, its endpoint and health."""
    with session_scope() as session:
        for p in session.scalars(select(Platform).order_by(Platform.slug)):
            health = p.paused_because or (f"{p.failures} failures" if p.failures else "ok")
            click.echo(f"{p.slug}\t{p.name}\t{p.endpoint}\t{health}")


@platforms.command("rotate-key")
@click.argument("slug")
@click.argument("purpose", type=click.Choice(keys.ISSUED))
def platforms_rotate(slug: str, purpose: str) -> None:
    """Make a new key; the old one stays valid for 24 hours."""
    with session_scope() as session:
        shown = keys.rotate(session, named(session, slug), purpose)
        audit_log.note(session, "cli", "key_rotated", platform=slug, purpose=purpose)
    click.echo(shown)


@platforms.command("register-key")
@click.argument("slug")
@click.argument("file", type=click.File())
def platforms_register_key(slug: str, file: TextIO) -> None:
    """Accept a platform's own Ed25519 signatures; FILE is its public key, PEM or whpk_."""
    with session_scope() as session:
        try:
            public = keys.register_public(session, named(session, slug), file.read(_LONGEST))
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit_log.note(session, "cli", "key_registered", platform=slug, public=public)
    click.echo(public)


@platforms.command("revoke-keys")
@click.argument("slug")
@click.argument("purpose", type=click.Choice((*keys.ISSUED, keys.REGISTERED)))
def platforms_revoke(slug: str, purpose: str) -> None:
    """Revoke every key of this purpose, effective within a second (for a leaked key)."""
    with session_scope() as session:
        n = keys.revoke(session, named(session, slug), purpose)
        audit_log.note(session, "cli", "keys_revoked", platform=slug, purpose=purpose, keys=n)
    click.echo(f"{n} key(s) revoked")


@platforms.command("limit")
@click.argument("slug")
@click.option(
    "--rate", type=click.FloatRange(0), required=True, help="messages per second, sustained"
)
@click.option("--burst", type=click.FloatRange(1), required=True, help="messages in a burst")
def platforms_limit(slug: str, rate: float, burst: float) -> None:
    """Set a platform's rate limit; effective within a second."""
    with session_scope() as session:
        found = named(session, slug)
        found.rate, found.burst = rate, burst
        audit_log.note(session, "cli", "limit_set", platform=slug, rate=rate, burst=burst)


@platforms.command("resume")
@click.argument("slug")
def platforms_resume(slug: str) -> None:
    """The endpoint is repaired: send blocked deliveries."""
    with session_scope() as session:
        n = delivery.resume(session, named(session, slug))
        audit_log.note(session, "cli", "platform_resumed", platform=slug, deliveries=n)
    click.echo(f"{n} deliveries are due again")


@platforms.command("capabilities")
@click.argument("slug")
@click.argument("codes", nargs=-1, type=click.Choice(list(measures.CATALOGUE)))
@click.option("--kind", type=click.Choice(list(measures.PLATFORM_KINDS)), default=None)
def platforms_capabilities(slug: str, codes: tuple[str, ...], kind: str | None) -> None:
    """Show which measures a platform can carry out; with CODES, set them."""
    with session_scope() as session:
        platform = named(session, slug)
        if codes:
            directory.declare(session, platform.id, list(codes), kind, datetime.now(UTC))
        click.echo(f"{platform.kind}: {' '.join(platform.capabilities or ['all, none declared'])}")


def named(session: Session, slug: str) -> Platform:
    """The platform of this slug. Raises ClickException for an unknown slug."""
    platform = session.scalar(select(Platform).where(Platform.slug == slug))
    if platform is None:
        raise click.ClickException(f"no platform {slug!r}")
    return platform
