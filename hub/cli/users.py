"""`flask users`: accounts of officers and of platforms' engineers."""

from __future__ import annotations

import secrets

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.cli.commands import Commands
from hub.cli.platforms import named as platform_named
from hub.database import session_scope
from hub.services.audit import audit_log
from hub.services.people import accounts, second_factor
from models import ENGINEER, ROLES, User

users = Commands("users", help="Officers' accounts.")


@users.command("create")
@click.argument("username")
@click.argument("role", type=click.Choice((*ROLES, ENGINEER)))
@click.option("--name", default=None, help="display name; by default the username")
@click.option("--password", default=None, help="generated and shown once if omitted")
@click.option("--platform", default=None, help="the engineer's platform; only for that role")
def users_create(
    username: str, role: str, name: str | None, password: str | None, platform: str | None
) -> None:
    """Create an account for an officer, or for an engineer of a platform."""
    given, shown = password or secrets.token_urlsafe(12), name or username
    if (role == ENGINEER) != bool(platform):
        raise click.ClickException("--platform goes with the role engineer, and only with it")
    with session_scope() as session:
        try:
            if platform:
                of = platform_named(session, platform)
                accounts.create_engineer(session, username, shown, of, given)
            else:
                accounts.create(session, username, shown, role, given)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit_log.note(session, "cli", "user_created", user=username, role=role)
    click.echo(f"{username} ({role})" + ("" if password else f" password: {given}"))


@users.command("password")
@click.argument("username")
@click.password_option()
def users_password(username: str, password: str) -> None:
    """Set a password; every session of the user ends."""
    with session_scope() as session:
        user = _named(session, username)
        try:
            accounts.set_password(session, user, password)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit_log.note(session, "cli", "password_set", user=username)


@users.command("subject")
@click.argument("username")
@click.argument("subject")
def users_subject(username: str, subject: str) -> None:
    """Set the subject (`sub`) of USERNAME at the identity provider; "" removes it."""
    with session_scope() as session:
        user = _named(session, username)
        try:
            accounts.set_subject(session, user, subject)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit_log.note(session, "cli", "subject_set", user=username)


@users.command("reset-second-factor")
@click.argument("username")
def users_reset_second_factor(username: str) -> None:
    """Remove a lost second factor; its owner sets up a new one."""
    with session_scope() as session:
        if not second_factor.reset(session, _named(session, username)):
            raise click.ClickException(f"{username!r} has no second factor")
        audit_log.note(session, "cli", "second_factor_reset", user=username)


def _named(session: Session, username: str) -> User:
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise click.ClickException(f"no user {username!r}")
    return user
