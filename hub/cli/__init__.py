"""Commands of an installation: `flask --app wsgi db|users|platforms|reports|assess|audit ...`."""

from __future__ import annotations

from flask import Flask

from hub.cli.assess import assess
from hub.cli.debunks import debunks
from hub.cli.identities import identity_commands
from hub.cli.installation import db, seed
from hub.cli.models import models
from hub.cli.platforms import platforms
from hub.cli.records import audits, backups
from hub.cli.users import users
from hub.cli.waiting import deliveries, reports

COMMANDS = (
    db, users, platforms, reports, deliveries, debunks, assess, models, audits, backups,
    identity_commands, seed,
)  # fmt: skip


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
