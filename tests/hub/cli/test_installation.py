"""The database gets its newest shape, and one that somebody works with is never filled."""

from sqlalchemy import select

from hub.cli import installation
from models import User


def test_the_newest_shape_is_given_to_this_installations_database(run, monkeypatch):
    given = []
    monkeypatch.setattr(installation.schema, "upgrade", lambda engine: given.append(engine.url))
    assert run("db", "upgrade").output == "the database is up to date\n"
    assert given == [installation.engine().url]


def test_a_database_that_is_not_the_one_named_is_left_alone(run, session):
    refused = run("seed", "--scale", "--database", "another", "--password", "correct horse battery")
    assert refused.exit_code == 1 and "not 'another'" in refused.output
    assert session.scalars(select(User)).all() == []
