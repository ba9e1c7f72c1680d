"""Alembic's environment: runs on a connection handed over by `hub db upgrade`."""

from alembic import context

from models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
