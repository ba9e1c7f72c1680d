"""`flask assess`: reassessment of texts."""

from __future__ import annotations

import click

from hub.cli.commands import Commands
from hub.database import session_scope
from hub.services.assessment import reassessment
from hub.services.audit import audit_log

assess = Commands("assess", help="Reassessment of texts.")


@assess.command("again")
@click.option("--older-than", metavar="VERSION", help="only texts that this version did not assess")
def assess_again(older_than: str | None) -> None:
    """Reassess wordings that other versions of the models or rules assessed.

    A VERSION is one of those now loaded, as a case's page names them (stance-1a2b3c4d). Claims,
    merges and cases with a decision stay as they are. If interrupted, it resumes when run again.
    """
    from hub.services.assessment.loaded_models import loaded_models  # loads the models

    loaded = loaded_models()
    versions = loaded.assessor.versions
    if older_than:
        versions = {part: name for part, name in versions.items() if name == older_than}
        if not versions:
            known = ", ".join(sorted(loaded.assessor.versions.values()))
            raise click.ClickException(f"not loaded here: {older_than}; loaded are {known}")
    reassessed = changed = after = 0
    while True:
        with session_scope() as session:
            waiting = reassessment.outdated(session, versions, after)
        if not waiting:
            break
        found = reassessment.read(loaded, waiting)
        with session_scope() as session:
            changed += reassessment.settle(session, found)
        reassessed, after = reassessed + len(waiting), waiting[-1].id
    with session_scope() as session:
        audit_log.note(session, "cli", "assessed_again", wordings=reassessed, stances=changed)
    click.echo(f"{reassessed} wordings reassessed; {changed} changed their stance")
