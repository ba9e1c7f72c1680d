"""Commands of an installation: `flask --app wsgi db|users|platforms|reports|assess|audit ...`."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hub import bell
from hub.cli_identities import identity_commands
from hub.cli_models import models
from hub.cli_records import audits, backups
from hub.commands import Commands
from hub.database import at_once, engine, session_scope
from hub.services import (
    accounts,
    assessment,
    audit,
    debunk_file,
    debunks,
    delivery,
    directory,
    keys,
    matching,
    measures,
    rereading,
    schema,
    second_factor,
)
from hub.services import scale as filling
from models import ENGINEER, ROLES, Platform, User

db = Commands("db", help="The database's shape.")
users = Commands("users", help="Officers' accounts.")
platforms = Commands("platforms", help="Participating platforms and their keys.")
reports = Commands("reports", help="Reports that need a person.")
deliveries = Commands("deliveries", help="Deliveries that need a person.")
debunk_commands = Commands("debunks", help="The library of debunked claims.")
assess = Commands("assess", help="What the models made of texts.")
_LINES = 500  # of a file of debunks, kept in one transaction
OFFICERS = 20  # of each role that seeding makes
GROUPS = (
    db, users, platforms, reports, deliveries, debunk_commands, assess, models, audits, backups,
    identity_commands,
)  # fmt: skip


def register(app: Flask) -> None:
    """Add every group of commands to the application."""
    for group in GROUPS:
        app.cli.add_command(group)
    app.cli.add_command(seed)


@click.command("seed", hidden=True)
@click.option("--scale", is_flag=True, required=True, help="made-up reports by the million")
@click.option("--database", required=True, help="its name, and it must be empty")
@click.option("--reports", type=click.IntRange(100), default=filling.FULL, show_default=True)
@click.option("--password", required=True, help="of the officers clerk1, handler1 and so on")
def seed(scale: bool, database: str, reports: int, password: str) -> None:
    """Fill an empty database for measuring; never one that somebody works with."""
    with session_scope() as session:
        try:
            filling.check(session, database)
        except filling.NotEmpty as error:
            raise click.ClickException(str(error)) from None
        made = {
            role: [
                accounts.create(session, f"{role}{n}", f"{role}{n}", role, password).id
                for n in range(1, OFFICERS + 1)
            ]
            for role in ("clerk", "handler", "approver")
        }
        filling.fill(session, (made["handler"][0], made["approver"][0]), reports)
        audit.note(session, "cli", "seeded", reports=reports)
    with at_once() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    click.echo(f"{reports} reports")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest shape."""
    schema.upgrade(engine())
    click.echo("the database is up to date")


@users.command("create")
@click.argument("username")
@click.argument("role", type=click.Choice((*ROLES, ENGINEER)))
@click.option("--name", default=None, help="shown name; the username if left out")
@click.option("--password", default=None, help="made and shown once if left out")
@click.option("--platform", default=None, help="whose engineer it is; for that role alone")
def users_create(
    username: str, role: str, name: str | None, password: str | None, platform: str | None
) -> None:
    """Make an account for an officer, or for an engineer of a platform."""
    given, shown = password or secrets.token_urlsafe(12), name or username
    if (role == ENGINEER) != bool(platform):
        raise click.ClickException("--platform goes with the role engineer, and only with it")
    with session_scope() as session:
        try:
            if platform:
                of = _platform(session, platform)
                accounts.create_engineer(session, username, shown, of, given)
            else:
                accounts.create(session, username, shown, role, given)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit.note(session, "cli", "user_created", user=username, role=role)
    click.echo(f"{username} ({role})" + ("" if password else f" password: {given}"))


@users.command("password")
@click.argument("username")
@click.password_option()
def users_password(username: str, password: str) -> None:
    """Set a password; every session of the user ends."""
    with session_scope() as session:
        user = session.scalar(select(User).where(User.username == username))
        if user is None:
            raise click.ClickException(f"no user {username!r}")
        try:
            accounts.set_password(session, user, password)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit.note(session, "cli", "password_set", user=username)


@users.command("subject")
@click.argument("username")
@click.argument("subject")
def users_subject(username: str, subject: str) -> None:
    """Register who USERNAME is to the identity provider: its `sub`; "" takes it away."""
    with session_scope() as session:
        user = session.scalar(select(User).where(User.username == username))
        if user is None:
            raise click.ClickException(f"no user {username!r}")
        try:
            accounts.set_subject(session, user, subject)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit.note(session, "cli", "subject_set", user=username)


@platforms.command("add")
@click.argument("slug")
@click.argument("name")
@click.argument("endpoint")
@click.option("--scheme", type=click.Choice(["v1a", "v1"]), default="v1a")
def platforms_add(slug: str, name: str, endpoint: str, scheme: str) -> None:
    """Register a platform and show its keys; secrets are shown this once."""
    with session_scope() as session:
        try:
            made = directory.register(session, slug, name, endpoint, scheme)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        audit.note(session, "cli", "platform_added", platform=slug)
    for label, value in made.shown().items():
        click.echo(f"{label}: {value}")


@platforms.command("list")
def platforms_list() -> None:
    """Every platform, its endpoint and health."""
    with session_scope() as session:
        for p in session.scalars(select(Platform).order_by(Platform.slug)):
            health = p.paused_because or (f"{p.failures} failures" if p.failures else "ok")
            click.echo(f"{p.slug}\t{p.name}\t{p.endpoint}\t{health}")


@platforms.command("rotate-key")
@click.argument("slug")
@click.argument("purpose", type=click.Choice(directory.PURPOSES))
def platforms_rotate(slug: str, purpose: str) -> None:
    """Make a new key; the old one is accepted for 24 hours more."""
    with session_scope() as session:
        shown = keys.rotate(session, _platform(session, slug), purpose)
        audit.note(session, "cli", "key_rotated", platform=slug, purpose=purpose)
    click.echo(shown)


@platforms.command("revoke-keys")
@click.argument("slug")
@click.argument("purpose", type=click.Choice(directory.PURPOSES))
def platforms_revoke(slug: str, purpose: str) -> None:
    """Refuse every key of this purpose within a second (a key that leaked)."""
    with session_scope() as session:
        n = keys.revoke(session, _platform(session, slug), purpose)
        audit.note(session, "cli", "keys_revoked", platform=slug, purpose=purpose, keys=n)
    click.echo(f"{n} key(s) revoked")


@platforms.command("limit")
@click.argument("slug")
@click.option("--rate", type=click.FloatRange(0), required=True, help="messages a second, for ever")
@click.option("--burst", type=click.FloatRange(1), required=True, help="messages at once")
def platforms_limit(slug: str, rate: float, burst: float) -> None:
    """How much a platform may send; in force within a second."""
    with session_scope() as session:
        found = _platform(session, slug)
        found.rate, found.burst = rate, burst
        audit.note(session, "cli", "limit_set", platform=slug, rate=rate, burst=burst)


@platforms.command("resume")
@click.argument("slug")
def platforms_resume(slug: str) -> None:
    """The endpoint is mended: send what was blocked."""
    with session_scope() as session:
        n = delivery.resume(session, _platform(session, slug))
        audit.note(session, "cli", "platform_resumed", platform=slug, deliveries=n)
    click.echo(f"{n} deliveries are due again")


@platforms.command("capabilities")
@click.argument("slug")
@click.argument("codes", nargs=-1, type=click.Choice(list(measures.CATALOGUE)))
@click.option("--kind", type=click.Choice(list(measures.PLATFORM_KINDS)), default=None)
def platforms_capabilities(slug: str, codes: tuple[str, ...], kind: str | None) -> None:
    """Show which measures a platform can carry out; with CODES, set them."""
    with session_scope() as session:
        platform = _platform(session, slug)
        if codes:
            directory.declare(session, platform.id, list(codes), kind, datetime.now(UTC))
        click.echo(f"{platform.kind}: {' '.join(platform.capabilities or ['all, none declared'])}")


@users.command("reset-second-factor")
@click.argument("username")
def users_reset_second_factor(username: str) -> None:
    """Take away a lost second factor; its owner sets up a new one."""
    with session_scope() as session:
        user = session.scalar(select(User).where(User.username == username))
        if user is None or not second_factor.reset(session, user):
            raise click.ClickException(f"{username!r} has no second factor")
        audit.note(session, "cli", "second_factor_reset", user=username)


@reports.command("release")
@click.argument("report_id", type=int)
def reports_release(report_id: int) -> None:
    """Send a quarantined report round again."""
    with session_scope() as session:
        if not assessment.release_quarantined(session, report_id):
            raise click.ClickException("no quarantined report has this id")
        audit.note(session, "cli", "report_released", report=report_id)


@deliveries.command("resend")
@click.argument("delivery_id", type=int)
def deliveries_resend(delivery_id: int) -> None:
    """Send a blocked or dead delivery again, under the same webhook id."""
    with session_scope() as session:
        if not delivery.resend(session, delivery_id):
            raise click.ClickException("no such delivery waits for a person")
        audit.note(session, "cli", "delivery_resent", delivery=delivery_id)


@debunk_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def debunks_import(file: Path) -> None:
    """Add the debunks of a JSON-lines file; the same record again changes nothing.

    A line holds {"claim", "verdict", "source"} and, where known, "date" (YYYY-MM-DD),
    "explanation" and "url". Lines that cannot be read are named and left out; exit 1 then.
    Workers look the claims up as soon as no report waits.
    """
    refused: list[str] = []
    new = changed = same = 0
    lines = file.read_bytes().split(b"\n")
    with click.progressbar(range(0, len(lines), _LINES), label=file.name, file=sys.stderr) as parts:
        for start in parts:
            records, wrong = debunk_file.read(lines[start : start + _LINES], start + 1)
            with session_scope() as session:
                added, altered = debunks.keep(session, records)
            new, changed = new + added, changed + altered
            same += len(records) - added - altered
            refused += wrong
    with session_scope() as session:
        audit.note(session, "cli", "debunks_imported", new=new, changed=changed)
    bell.ring("assess")
    for complaint in refused:
        click.echo(f"{file}:{complaint}", err=True)
    click.echo(f"{new} new, {changed} changed, {same} known, {len(refused)} refused")
    if refused:
        raise SystemExit(1)


@debunk_commands.command("count")
def debunks_count() -> None:
    """How many debunks there are, and how many wordings they stand at."""
    with session_scope() as session:
        found = debunks.count(session)
    click.echo(
        f"{found['records']} debunks, {found['unread']} not yet looked up; "
        f"{found['links']} links to wordings"
    )


@debunk_commands.command("refresh")
def debunks_refresh() -> None:
    """Look every wording up anew: after the encoder or the bounds changed.

    Debunks that another encoder read are left to the workers, which look them up as new ones.
    """
    from hub.services.brain import brain  # loads the models

    encoder = brain().encoder
    with session_scope() as session:
        matching.ensure_index(session, encoder)
        forgotten = debunks.forget_readings(session, encoder)
    bell.ring("assess")
    after: int | None = 0
    while after is not None:
        with session_scope() as session:
            matching.alone(session)
            after = debunks.stand_again(session, encoder, after)
    with session_scope() as session:
        links = debunks.count(session)["links"]
    click.echo(f"{links} links to wordings; {forgotten} debunks left to the workers")


@assess.command("again")
@click.option("--older-than", metavar="VERSION", help="only what this version did not read")
def assess_again(older_than: str | None) -> None:
    """Read wordings again that other versions of the models or rules read.

    A VERSION is one of those now loaded, as a case's page names them (stance-1a2b3c4d). Claims,
    merges and cases with a decision stay as they are. Cut short, it goes on when started again.
    """
    from hub.services.brain import brain  # loads the models

    mind = brain()
    versions = mind.assessor.versions
    if older_than:
        versions = {part: name for part, name in versions.items() if name == older_than}
        if not versions:
            loaded = ", ".join(sorted(mind.assessor.versions.values()))
            raise click.ClickException(f"not loaded here: {older_than}; loaded are {loaded}")
    read = turned = after = 0
    while True:
        with session_scope() as session:
            waiting = rereading.outdated(session, versions, after)
        if not waiting:
            break
        found = rereading.read(mind, waiting)
        with session_scope() as session:
            turned += rereading.settle(session, found)
        read, after = read + len(waiting), waiting[-1].id
    with session_scope() as session:
        audit.note(session, "cli", "assessed_again", wordings=read, stances=turned)
    click.echo(f"{read} wordings read again; {turned} took another stance")


def _platform(session: Session, slug: str) -> Platform:
    platform = session.scalar(select(Platform).where(Platform.slug == slug))
    if platform is None:
        raise click.ClickException(f"no platform {slug!r}")
    return platform
