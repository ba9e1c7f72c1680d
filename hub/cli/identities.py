"""`flask identities`: the key of identity hashes, and the salt for platforms' hashes."""

from __future__ import annotations

import click

from hub.cli.commands import Commands
from hub.config import settings
from hub.services.privacy import identities

identity_commands = Commands("identities", help="How persons' numbers are hashed.")


@identity_commands.command("salt")
def show_salt() -> None:
    """The shared salt, to be given to every participating platform."""
    click.echo(settings().shared_salt)


@identity_commands.command("rotate-key")
def rotate_key() -> None:
    """Add a new key in front of the others; older hashes are still found."""
    try:
        n = identities.rotate_key()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{n} keys are kept; restart the hub's processes to use the new one")
