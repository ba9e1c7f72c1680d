"""An old database becomes a new one, and back, with what people and machines wrote into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, make_url, text

from hub.services.installation.schema import alembic_config


@pytest.fixture
def database(database_url) -> Iterator[Engine]:
    """An empty database of its own beside the tests' other one."""
    name = "migrated"
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(make_url(database_url).set(database=name))
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION vector"))
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
