"""An old database becomes a new one, and back, with what people and machines wrote into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from flask import Flask
from sqlalchemy import Engine, create_engine, make_url, text

from hub import database as hub_database
from hub.services.installation.schema import alembic_config
from tests.conftest import forget_settings
from tests.hub.web.conftest import Desk

RELEASED = "0033"
_WORLD = Path(__file__).with_name("world_0033.sql")
# What a handler opens, and what must be read there.
_PAGES = {
    "/queue": ["哄抬价格 0.81", "假冒伪劣 举报人所选", "价格欺诈 人工认定", "财经商业"],
    "/cases/1": ["经查，口罩由2元涨至15元。", "进货价上涨", "哄抬价格"],
    "/cases/2": ["举报人所选，未经核实"],
    "/cases/4": ["口罩三天后全国断货"],
    "/merchants/1": ["91110102MA4712GN19", "康宁大药房旗舰店"],
    "/denylist": ["南浦市康宁药业有限公司"],
}


@pytest.fixture(scope="module")
def released(database_url) -> Iterator[str]:
    """An empty database as the hub had it that was released before this one; its name."""
    with _created(database_url, "released", "template0") as engine:
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION vector"))
        _migrate(engine, command.upgrade, RELEASED)
        engine.dispose()
        yield "released"


@pytest.fixture
def database(database_url, released) -> Iterator[Engine]:
    """A copy of it."""
    with _created(database_url, "migrated", released) as engine:
        yield engine


@contextmanager
def _created(beside: str, name: str, template: str) -> Iterator[Engine]:
    server = create_engine(beside, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = create_engine(make_url(beside).set(database=name))
    yield engine
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def _migrate(engine: Engine, step: Callable[..., None], revision: str) -> None:
    with engine.connect() as connection:
        step(alembic_config(connection), revision)
        connection.commit()


def _rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _violation(type_: str, score: float, source: str) -> str:
    return f'{{"type": "{type_}", "score": {score}, "source": "{source}"}}'


_BY_RULE = _violation("price_gouging", 0.81, "rule:gouge-hoard")
_BY_MODEL = _violation("fraud", 0.6, "model:price@3")
_HEALTH = '"theme": {"code": "health", "label": "医药健康", "score": 0.77}'

# violation, violation_by, theme, assessment; then its type and theme afterwards.
_TYPED = [
    ("counterfeit", "reporter", None, '{"violations": []}', ("reporter", None), (None, None)),
    ("fraud", "officer", None, f'{{"violations": [{_BY_MODEL}]}}', ("officer", None), (None, None)),
    (
        "price_gouging", None, "health", f'{{"violations": [{_BY_MODEL}, {_BY_RULE}], {_HEALTH}}}',
        ("rule", 0.81), ("model", 0.77),
    ),
    ("fraud", None, None, f'{{"violations": [{_BY_MODEL}]}}', ("model", 0.6), (None, None)),
    ("unspecified", None, None, '{"violations": null}', (None, None), (None, None)),
    # Read anew since: nothing shows the type any more.
    ("price_gouging", None, None, f'{{"violations": [{_BY_MODEL}]}}', (None, None), (None, None)),
    (None, None, "health", f"{{{_HEALTH}}}", (None, None), ("model", 0.77)),
    (None, None, "finance", f"{{{_HEALTH}}}", (None, None), ("officer", None)),
    (None, None, None, "{}", (None, None), (None, None)),
]  # fmt: skip


def test_a_cases_type_and_theme_keep_who_named_them(database):
    _migrate(database, command.upgrade, "0034")
    with database.begin() as connection:
        for violation, by, theme, assessment, *_ in _TYPED:
            connection.execute(
                text(
                    'INSERT INTO "case" (kind, title, violation, violation_by, theme, assessment) '
                    "VALUES (:kind, '案', :violation, :by, :theme, :assessment)"
                ),
                {"kind": "violation" if violation else "rumor", "violation": violation, "by": by,
                 "theme": theme, "assessment": assessment},
            )  # fmt: skip
        connection.execute(text(
            """INSERT INTO "user" (username, name, role, password_hash)
               VALUES ('lin', '林', 'handler', '')"""
        ))  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO label (case_id, task, value, via, by_user_id) "
                "SELECT id, 'theme', theme, 'classify', 1 FROM \"case\" WHERE theme = 'finance'"
            )
        )
    old = 'SELECT violation, violation_by, theme FROM "case" ORDER BY id'
    before = _rows(database, old)
    for _ in range(2):
        _migrate(database, command.upgrade, "0035")
        assert _rows(
            database,
            "SELECT violation_source, violation_score, theme_source, theme_score "
            'FROM "case" ORDER BY id',
        ) == [(*violation, *theme) for *_, violation, theme in _TYPED]
        _migrate(database, command.downgrade, "0034")
        assert _rows(database, old) == before


def _contents(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table as text, in the order of the text."""
    tables = _rows(
        engine,
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
        "AND tablename <> 'alembic_version' ORDER BY 1",
    )
    return {
        name: [
            row for (row,) in _rows(engine, f'SELECT to_jsonb(t)::text FROM "{name}" t ORDER BY 1')
        ]
        for (name,) in tables
    }


@pytest.fixture
def old_world(database) -> Engine:
    """A database in which people, platforms and models have worked."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as direct:  # many statements at once
        direct.execute(_WORLD.read_text("utf-8"))
    return database


@pytest.fixture
def upgraded_hub(old_world, built_app, monkeypatch) -> Iterator[Flask]:
    """The hub on that database, brought up to date."""
    _migrate(old_world, command.upgrade, "head")
    url = old_world.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    forget_settings()
    yield built_app
    hub_database.dispose()
    monkeypatch.undo()
    forget_settings()


def test_an_old_database_goes_up_and_down_without_loss(old_world):
    before = _contents(old_world)
    assert sum(map(len, before.values())) > 100
    _migrate(old_world, command.upgrade, "head")
    first = _contents(old_world)
    _migrate(old_world, command.downgrade, RELEASED)
    assert _contents(old_world) == before
    _migrate(old_world, command.upgrade, "head")
    assert _contents(old_world) == first


def test_an_old_database_is_worked_with_and_can_go_back(old_world, upgraded_hub):
    before = _contents(old_world)
    handler, auditor = (Desk(upgraded_hub.test_client(), name) for name in ("handler", "auditor"))
    assert handler.login().status_code == auditor.login().status_code == 303
    for path in _PAGES:
        assert handler.get(path).status_code == 200, path
        assert all(shown in handler.text for shown in _PAGES[path]), path
    auditor.get("/audit")
    auditor.submit("form-verify")
    entries = len(before["audit_entry"]) + 2  # two officers logged in
    assert auditor.get("/audit").status_code == 200
    assert f"已从头核对 {entries} 条记录，逐条相扣" in auditor.text
    _migrate(old_world, command.downgrade, RELEASED)
    _migrate(old_world, command.upgrade, "head")
    after = _contents(old_world)
    del before["user"]  # a login hashes the password anew
    lost = {name: set(rows) - set(after[name]) for name, rows in before.items()}
    assert {name: rows for name, rows in lost.items() if rows} == {}
