"""The connection to PostgreSQL: the truth of the hub."""

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


@cache
def engine() -> Engine:
    """The engine of this process, made on first use (after gunicorn has forked)."""
    return _engine(pool_size=20, max_overflow=10)


@cache
def _engine_at_once() -> Engine:
    return _engine(
        pool_size=10, max_overflow=20, isolation_level="AUTOCOMMIT",
        execution_options={AUTOCOMMIT: True},
    )  # fmt: skip


def dispose() -> None:
    """Let go of this process's idle connections; the next are made anew."""
    for pool in (engine, _engine_at_once):
        if pool.cache_info().currsize:
            pool().dispose()


def at_once() -> Connection:
    """A connection on which each statement commits by itself."""
    return _engine_at_once().connect()


def _engine(**options: Any) -> Engine:
    url = settings().database_url
    if not url:
        raise NotConfigured("set DATABASE_URL, or start with `python -m hub`")
    # No helpers for one statement: many small ones share few processors.
    asked = "-c statement_timeout=30000 -c max_parallel_workers_per_gather=0"
    limits = {"connect_timeout": 3, "options": asked}
    # The connection used last is used next: few stay busy, and those know their statements.
    return create_engine(
        normal_url(url), pool_timeout=5, pool_use_lifo=True, connect_args=limits, **options
    )


def inline(value: str) -> BindParameter[str]:
    """`value` written into the statement. A prepared statement with a parameter in its place may
    be planned once for all values, and then no index kept for this one value alone is used."""
    return bindparam(None, str(value), literal_execute=True)


class _Ids(UserDefinedType[Any]):
    """A bigint[] that goes over as one literal: psycopg writes thousands of numbers one by one,
    and a search passes them to several statements."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]"

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda ids: "{" + ",".join(map(str, ids)) + "}"


def among(ids: Iterable[int]) -> CollectionAggregate[Any]:
    """For `column == among(ids)`: one parameter, so one plan, whatever their number."""
    return any_(literal(list(ids), _Ids()))


def normal_url(url: str) -> str:
    """`postgres://` and `postgresql://` both mean psycopg 3 here."""
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


@contextmanager
def session_scope() -> Iterator[Session]:
    """One transaction for a handler or a job: committed at the end, else rolled back."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading_scope() -> Iterator[Session]:
    """For a page that only reads, or writes one statement at a time: each sees what was committed
    before it, as in a transaction of `session_scope` too, without the two trips to the database
    that begin and end one."""
    with Session(_engine_at_once(), expire_on_commit=False) as session:
        yield session


def patiently(step: Callable[[Session], _T], seconds: float) -> _T:
    """One transaction for a job that holds a lease: while the database is away it is tried
    again, for `seconds`. `step` must be safe to repeat: when the answer to COMMIT is lost,
    it was done and is done again."""
    until = time.monotonic() + seconds
    while True:
        try:
            with session_scope() as session:
                return step(session)
        except DBAPIError as error:
            broken = error.connection_invalidated or error.statement is None  # or never made
            if not broken or time.monotonic() > until:
                raise
        time.sleep(0.5)


def changed(session: Session, statement: UpdateBase) -> int:
    """Run an UPDATE or INSERT past the session's objects; returns how many rows it touched."""
    options = {"synchronize_session": False}
    return cast(CursorResult[Any], session.execute(statement, execution_options=options)).rowcount
