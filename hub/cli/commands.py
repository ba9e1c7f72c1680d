"""The base class of command groups."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from hub.config import NotConfigured


class Commands(AppGroup):
    """A group whose commands report a missing database in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises ClickException when the database is not available."""
        try:
            return super().invoke(ctx)
        except NotConfigured as error:
            raise click.ClickException(str(error)) from None
        except OperationalError as error:
            raise click.ClickException(f"the database does not answer: {error.orig}") from None
