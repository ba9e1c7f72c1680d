"""`flask db | seed`: the database schema, and synthetic data for benchmarks."""

from __future__ import annotations

import click
from sqlalchemy import text

from hub.cli.commands import Commands
from hub.database import autocommit, engine, session_scope
from hub.services.audit import audit_log
from hub.services.installation import scale_seed, schema
from hub.services.people import accounts

db = Commands("db", help="The database schema.")
OFFICERS = 20  # of each role that seeding makes


@db.command("upgrade")
def db_upgrade() -> None:
    """Migrate the database to the newest schema."""
    schema.upgrade(engine())
    click.echo("the database is up to date")


@click.command("seed", hidden=True)
@click.option(
    "--scale", "_scale", is_flag=True, required=True, help="synthetic reports by the million"
)
@click.option("--database", required=True, help="its name, and it must be empty")
@click.option("--reports", type=click.IntRange(100), default=scale_seed.FULL, show_default=True)
@click.option("--password", required=True, help="of the officers clerk1, handler1 and so on")
def seed(_scale: bool, database: str, reports: int, password: str) -> None:
    """Fill an empty database for benchmarks; never one in use."""
    with session_scope() as session:
        try:
            scale_seed.check(session, database)
        except scale_seed.NotEmpty as error:
            raise click.ClickException(str(error)) from None
        made = {
            role: [
                accounts.create(session, f"{role}{n}", f"{role}{n}", role, password).id
                for n in range(1, OFFICERS + 1)
            ]
            for role in ("clerk", "handler", "approver")
        }
        scale_seed.fill(session, (made["handler"][0], made["approver"][0]), reports)
        audit_log.note(session, "cli", "seeded", reports=reports)
    with autocommit() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    click.echo(f"{reports} reports")
