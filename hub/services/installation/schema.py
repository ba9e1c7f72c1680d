"""The database schema: migrations run under a lock, so that concurrent starts are safe."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

import models
from hub import locks


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(models.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Migrate the database to the newest revision, if it is not there yet."""
    with engine.connect() as connection, locks.migrating(connection):
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        connection.commit()
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
