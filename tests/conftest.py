"""Real parts for every test: embedded PostgreSQL and Valkey, one pair per test process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def instance() -> Iterator[Path]:
    """An instance directory of this test process; its path is short for Unix sockets."""
    directory = Path(tempfile.mkdtemp(prefix="hubtest-"))
    os.environ["HUB_INSTANCE"] = str(directory)
    os.environ["HUB_ENCODER"] = os.environ.get("HUB_ENCODER", str(ROOT / "instance" / "encoder"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(instance: Path) -> Iterator[str]:
    """A migrated database."""
    from sqlalchemy import create_engine

    from hub.runner.embedded import Postgres
    from hub.services import schema

    server = Postgres(instance / "pg")
    url = server.start()
    os.environ["DATABASE_URL"] = url
    _forget_settings()
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    yield url
    server.stop()


@pytest.fixture(scope="session")
def redis_url(instance: Path) -> Iterator[str]:
    """A Valkey of this test process."""
    from hub.runner.embedded import Valkey

    server = Valkey(instance / "valkey")
    url = server.start()
    os.environ["REDIS_URL"] = url
    _forget_settings()
    yield url
    server.stop()


@pytest.fixture
def clean_db(database_url: str, redis_url: str) -> Iterator[None]:
    """Every table empty, no key cached, no bell ringing."""
    from sqlalchemy import text

    from hub import bell
    from hub.database import engine
    from hub.services import keys
    from models import Base

    names = ", ".join(f'"{t.name}"' for t in Base.metadata.sorted_tables)
    with engine().begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    keys._doorkeepers.clear()
    bell.connection().flushall()
    yield


@pytest.fixture
def session(clean_db: None):
    """A session on the clean database; the test commits what others must see."""
    from sqlalchemy.orm import Session

    from hub.database import engine

    with Session(engine(), expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def app(clean_db: None):
    """The web application on the clean database."""
    from hub import create_app

    application = create_app()
    application.config["TESTING"] = True
    return application


@pytest.fixture
def client(app):
    """A browser without JavaScript."""
    return app.test_client()


def _forget_settings() -> None:
    from hub import bell
    from hub.config import settings
    from hub.database import engine

    for cached in (settings, engine, bell.connection):
        cached.cache_clear()
