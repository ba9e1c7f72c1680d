"""`flask debunks`: the library of debunked claims."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hub import job_queue, locks
from hub.cli.commands import Commands
from hub.database import session_scope
from hub.locks import Lock
from hub.services.audit import audit_log
from hub.services.rumors import debunk_file, matching
from hub.services.rumors import debunks as library

debunks = Commands("debunks", help="The library of debunked claims.")
_LINES = 500  # of a file, stored in one transaction


@debunks.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def debunks_import(file: Path) -> None:
    """Add the debunks of a JSON-lines file; the same record again changes nothing.

    A line has {"claim", "verdict", "source"} and, where known, "date" (YYYY-MM-DD),
    "explanation" and "url". Invalid lines are listed and skipped, with exit status 1.
    Workers match the claims as soon as no report is waiting.
    """
    refused: list[str] = []
    new = changed = same = 0
    lines = file.read_bytes().split(b"\n")
    with click.progressbar(range(0, len(lines), _LINES), label=file.name, file=sys.stderr) as parts:
        for start in parts:
            records, wrong = debunk_file.read(lines[start : start + _LINES], start + 1)
            with session_scope() as session:
                added, altered = library.keep(session, records)
            new, changed = new + added, changed + altered
            same += len(records) - added - altered
            refused += wrong
    with session_scope() as session:
        audit_log.note(session, "cli", "debunks_imported", new=new, changed=changed)
    job_queue.notify("assess")
    for complaint in refused:
        click.echo(f"{file}:{complaint}", err=True)
    click.echo(f"{new} new, {changed} changed, {same} known, {len(refused)} refused")
    if refused:
        raise SystemExit(1)


@debunks.command("count")
def debunks_count() -> None:
    """How many debunks there are, and how many wordings they are linked to."""
    with session_scope() as session:
        found = library.count(session)
    click.echo(
        f"{found['records']} debunks, {found['unread']} not yet matched; "
        f"{found['links']} links to wordings"
    )


@debunks.command("refresh")
def debunks_refresh() -> None:
    """Match every wording again, after the encoder or the thresholds changed.

    Debunks embedded by another encoder are left to the workers, which treat them as new.
    """
    from hub.services.assessment.loaded_models import loaded_models  # loads the models

    encoder = loaded_models().encoder
    with session_scope() as session:
        matching.ensure_index(session, encoder)
        forgotten = library.drop_other_vectors(session, encoder)
    job_queue.notify("assess")
    after: int | None = 0
    while after is not None:
        with session_scope() as session:
            locks.hold(session, Lock.CLAIMS)
            after = library.relink(session, encoder, after)
    with session_scope() as session:
        links = library.count(session)["links"]
    click.echo(f"{links} links to wordings; {forgotten} debunks left to the workers")
