"""The connection to the database, and patience while it is away."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import Integer, column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from hub import database
from hub.config import NotConfigured


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_every_way_to_write_the_address_means_psycopg(url):
    assert database.normal_url(url) == "postgresql+psycopg://h/d"


def test_without_an_address_what_to_do_is_said(monkeypatch):
    monkeypatch.setattr(database, "settings", lambda: SimpleNamespace(database_url=None))
    with pytest.raises(NotConfigured, match="DATABASE_URL"):
        database._engine()


def test_any_number_of_ids_is_one_parameter():
    few, many = (select(column("id", Integer) == database.among(ids)) for ids in ([1], range(99)))
    dialect = postgresql.dialect()
    assert str(few.compile(dialect=dialect)) == str(many.compile(dialect=dialect))
    (bound,) = many.compile(dialect=dialect).params.values()
    assert database._Ids().bind_processor(dialect)(bound).startswith("{0,1,2,")


def _away(broken: bool) -> OperationalError:
    return OperationalError("SELECT 1", {}, Exception(), connection_invalidated=broken)


@pytest.mark.parametrize(
    ("failures", "broken", "tries"), [(2, True, 3), (1, False, 1), (9, True, 4)]
)
def test_a_step_is_tried_again_while_the_connection_is_broken(monkeypatch, failures, broken, tries):
    now, tried = [0.0], []
    monkeypatch.setattr(database.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(database.time, "sleep", lambda s: now.__setitem__(0, now[0] + s))

    @contextmanager
    def scope():
        yield None

    def step(_session) -> str:
        tried.append(now[0])
        if len(tried) <= failures:
            raise _away(broken)
        return "done"

    monkeypatch.setattr(database, "session_scope", scope)
    if failures < tries:
        assert database.patiently(step, 1.4) == "done"
    else:
        with pytest.raises(OperationalError):
            database.patiently(step, 1.4)
    assert len(tried) == tries
