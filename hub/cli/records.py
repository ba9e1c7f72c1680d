"""`flask audit | backup`: verify and anchor the audit log, back up and restore."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import click

from hub.cli.commands import Commands
from hub.database import engine, session_scope
from hub.services.audit import anchors, audit_log
from hub.services.installation import backup, schema

audits = Commands("audit", help="The audit log.")
backups = Commands("backup", help="The whole installation in one file.")
_FILE = click.Path(dir_okay=False, path_type=Path)
_PASSPHRASE = click.option(
    "--passphrase", envvar="HUB_BACKUP_PASSPHRASE", help="or HUB_BACKUP_PASSPHRASE; seals the key"
)


@audits.command("verify")
@click.option("--anchor", type=_FILE, help="check against this anchor, too")
def audit_verify(anchor: Path | None) -> None:
    """Verify the hash chain; exit 1 and name the first broken entry."""
    with session_scope() as session:
        walked = audit_log.walk(session)
        if walked.broken is not None:
            raise click.ClickException(
                f"entry {walked.broken} was altered or one before it removed"
            )
        click.echo(f"{walked.held} entries hold")
        if anchor:
            try:
                vouched = anchors.check(session, anchor.read_bytes())
            except (anchors.Broken, OSError) as error:
                raise click.ClickException(str(error)) from None
            click.echo(f"the anchor vouches for the first {vouched}")


@audits.command("anchor")
@click.option("--out", type=_FILE, required=True, help="keep this file outside the hub")
def audit_anchor(out: Path) -> None:
    """Sign the head of the log, so that a rewritten log is detected."""
    with session_scope() as session:
        try:
            made = anchors.make(session)
        except anchors.Broken as error:
            raise click.ClickException(str(error)) from None
    out.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    click.echo(f"{made['entries']} entries anchored in {out}")


@backups.command("create")
@click.option("--out", type=_FILE, required=True)
@_PASSPHRASE
def backup_create(out: Path, passphrase: str | None) -> None:
    """Back up database, promoted models and (encrypted with a passphrase) the secret key."""
    with session_scope() as session:
        try:
            manifest = backup.create(session, out.resolve(), passphrase)
        except subprocess.CalledProcessError as error:
            raise click.ClickException(f"pg_dump: {error.stderr[-500:]}") from None
        except OSError as error:
            raise click.ClickException(str(error)) from None
    with session_scope() as session:
        audit_log.note(session, "cli", "backed_up", since=manifest["since"])
    click.echo(f"{out}: {out.stat().st_size >> 10} KiB, as of {manifest['since']}")
    click.echo("It holds personal data in the clear: keep it as you keep the database.", err=True)
    if not passphrase:
        click.echo("secret.key is NOT in it (no passphrase): keep that file elsewhere.", err=True)


@backups.command("restore")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="the database is not empty: replace its contents")
@_PASSPHRASE
def backup_restore(file: Path, replace: bool, passphrase: str | None) -> None:
    """Restore a backup, all or nothing; the hub may keep running."""
    try:
        with backup.unpacked(file) as (place, manifest):
            if not (replace or backup.is_empty()):
                raise backup.CannotRestore("the database is not empty; say --replace")
            new_secret = backup.take_secret(place, manifest, passphrase)
            backup.load(place)
    except backup.CannotRestore as error:
        raise click.ClickException(str(error)) from None
    schema.upgrade(engine())
    with session_scope() as session:
        backup.settle(session, manifest["since"])
    click.echo(f"restored as of {manifest['since']}; platforms read /api/v1/recovery")
    if new_secret:
        click.echo("secret.key came out of the backup: restart the hub", err=True)
