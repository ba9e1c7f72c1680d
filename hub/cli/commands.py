"""What groups of commands share."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from hub.config import NotConfigured


class Commands(AppGroup):
    """A group whose commands say in one line when no database is at hand."""

    def invoke(self, ctx: click.Context):
        """Run the command."""
        try:
            return super().invoke(ctx)
        except NotConfigured as error:
            raise click.ClickException(str(error)) from None
        except OperationalError as error:
            raise click.ClickException(f"the database does not answer: {error.orig}") from None
