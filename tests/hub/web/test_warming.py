"""The first officer after a start waits for nothing that could be done before."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from hub.database import reading_engine
from hub.web import warming
from tests.hub.web import seed


def test_the_desks_pages_are_read_on_each_connection(session, officers):
    p = seed.platforms(session)
    seed.rumor_case(session, [("口罩断货", [p["jd"]])])
    session.commit()
    asked: dict[int, int] = {}

    def count(connection, *_):
        backend = connection.connection.driver_connection.info.backend_pid
        asked[backend] = asked.get(backend, 0) + 1

    event.listen(reading_engine(), "before_cursor_execute", count)
    try:
        assert warming.up() == warming.CONNECTIONS
    finally:
        event.remove(reading_engine(), "before_cursor_execute", count)
    assert len(asked) == warming.CONNECTIONS and min(asked.values()) > 30


def test_an_empty_hub_and_a_database_that_is_away_stop_nothing(session, monkeypatch):
    assert warming.up() == warming.CONNECTIONS

    def away():
        raise OperationalError("select 1", {}, ConnectionError("gone"))

    monkeypatch.setattr(warming, "reading_scope", away)
    assert warming.up() == 0
