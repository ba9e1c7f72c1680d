"""Connections to PostgreSQL, the hub's source of truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    CollectionAggregate,
    Connection,
    CursorResult,
    Engine,
    any_,
    bindparam,
    create_engine,
    literal,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import UserDefinedType

from hub.config import NotConfigured, settings

_T = TypeVar("_T")


AUTOCOMMIT = "hub_autocommit"  # execution option of an engine whose statements commit one by one
_EACH_COMMITS: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT", "execution_options": {AUTOCOMMIT: True},
}  # fmt: skip


@cache
def engine() -> Engine:
    """The engine of this process, created on first use (after gunicorn has forked)."""
    return _engine(pool_size=20, max_overflow=10)


@cache
def autocommit_engine() -> Engine:
    """The engine whose statements commit one by one."""
    return _engine(pool_size=10, max_overflow=20, **_EACH_COMMITS)


@cache
def reading_engine() -> Engine:
    """The engine of pages that only read: PostgreSQL refuses writes and row locks on it. Without
    BEGIN and COMMIT a page saves two round trips."""
    read_only = "-c default_transaction_read_only=on"
    return _engine(read_only, pool_size=10, max_overflow=20, **_EACH_COMMITS)


ENGINES = (engine, autocommit_engine, reading_engine)


def dispose() -> None:
    """Close this process's idle connections; new ones are opened on demand."""
    for pool in ENGINES:
        if pool.cache_info().currsize:
            pool().dispose()


def forget_engines() -> None:
    """Make new engines on the next use, after the settings changed (tests)."""
    for pool in ENGINES:
        pool.cache_clear()


def autocommit() -> Connection:
    """A connection on which each statement commits by itself."""
    return autocommit_engine().connect()


def _engine(*server_options: str, **options: Any) -> Engine:
    url = settings().database_url
    if not url:
        raise NotConfigured("set DATABASE_URL, or start with `python -m hub`")
    # No parallel workers within a statement: many short statements share few processors.
    always = ("-c statement_timeout=30000", "-c max_parallel_workers_per_gather=0")
    connect = {"connect_timeout": 3, "options": " ".join((*always, *server_options))}
    # Last in, first out: few connections stay busy, and those have their statements prepared.
    return create_engine(
        normal_url(url), pool_timeout=5, pool_use_lifo=True, connect_args=connect, **options
    )


def inline(value: str) -> BindParameter[str]:
    """`value` as a literal. A prepared statement with a parameter may get a generic plan, which
    cannot use a partial index for this one value."""
    return bindparam(None, str(value), literal_execute=True)


class _Ids(UserDefinedType[Any]):
    """A bigint[] that is sent as one literal: psycopg converts thousands of numbers one by one, and
    a search passes them to several statements."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]"

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda ids: "{" + ",".join(map(str, ids)) + "}"


def among(ids: Iterable[int]) -> CollectionAggregate[Any]:
    """For `column == among(ids)`: one parameter, so one plan, for any number of ids."""
    return any_(literal(list(ids), _Ids()))


def normal_url(url: str) -> str:
    """The URL with psycopg 3 as the driver, for `postgres://` and `postgresql://`."""
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


@contextmanager
def session_scope() -> Iterator[Session]:
    """One transaction for a handler or a job: committed at the end, rolled back on an error."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading_scope() -> Iterator[Session]:
    """For a page that only reads: PostgreSQL rejects every write and row lock. Each statement sees
    what was committed before it, as it does in a READ COMMITTED transaction."""
    with Session(reading_engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def autocommit_scope() -> Iterator[Session]:
    """For a request that reads and may write a single statement, which commits by itself."""
    with Session(autocommit_engine(), expire_on_commit=False) as session:
        yield session


def patiently(step: Callable[[Session], _T], seconds: float) -> _T:
    """One transaction for a job that holds a lease: while the database is away it is retried, for
    `seconds`. `step` must be idempotent: when the answer to COMMIT is lost, it runs again. Raises
    DBAPIError."""
    until = time.monotonic() + seconds
    while True:
        try:
            with session_scope() as session:
                return step(session)
        except DBAPIError as error:
            broken = error.connection_invalidated or error.statement is None  # None: not connected
            if not broken or time.monotonic() > until:
                raise
        time.sleep(0.5)


def changed(session: Session, statement: UpdateBase) -> int:
    """Run an UPDATE or INSERT past the session's objects; returns how many rows it touched."""
    options = {"synchronize_session": False}
    return cast(CursorResult[Any], session.execute(statement, execution_options=options)).rowcount
