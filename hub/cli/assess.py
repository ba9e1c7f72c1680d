"""`flask assess`: what the models made of texts."""

from __future__ import annotations

import click

from hub.cli.commands import Commands
from hub.database import session_scope
from hub.services.assessment import reassessment
from hub.services.audit import audit_log

assess = Commands("assess", help="What the models made of texts.")


@assess.command("again")
@click.option("--older-than", metavar="VERSION", help="only what this version did not read")
def assess_again(older_than: str | None) -> None:
    """Read wordings again that other versions of the models or rules read.

    A VERSION is one of those now loaded, as a case's page names them (stance-1a2b3c4d). Claims,
    merges and cases with a decision stay as they are. Cut short, it goes on when started again.
    """
    from hub.services.assessment.loaded_models import loaded_models  # loads the models

    loaded = loaded_models()
    versions = loaded.assessor.versions
    if older_than:
        versions = {part: name for part, name in versions.items() if name == older_than}
        if not versions:
            known = ", ".join(sorted(loaded.assessor.versions.values()))
            raise click.ClickException(f"not loaded here: {older_than}; loaded are {known}")
    read = turned = after = 0
    while True:
        with session_scope() as session:
            waiting = reassessment.outdated(session, versions, after)
        if not waiting:
            break
        found = reassessment.read(loaded, waiting)
        with session_scope() as session:
            turned += reassessment.settle(session, found)
        read, after = read + len(waiting), waiting[-1].id
    with session_scope() as session:
        audit_log.note(session, "cli", "assessed_again", wordings=read, stances=turned)
    click.echo(f"{read} wordings read again; {turned} took another stance")
