"""`flask reports | deliveries`: what needs a person."""

from __future__ import annotations

import click

from hub.cli.commands import Commands
from hub.database import session_scope
from hub.services.assessment import lifecycle
from hub.services.audit import audit_log
from hub.services.platforms import delivery

reports = Commands("reports", help="Reports that need a person.")
deliveries = Commands("deliveries", help="Deliveries that need a person.")


@reports.command("release")
@click.argument("report_id", type=int)
def reports_release(report_id: int) -> None:
    """Send a quarantined report to assessment again."""
    with session_scope() as session:
        if not lifecycle.release_quarantined(session, report_id):
            raise click.ClickException("no quarantined report has this id")
        audit_log.note(session, "cli", "report_released", report=report_id)


@deliveries.command("resend")
@click.argument("delivery_id", type=int)
def deliveries_resend(delivery_id: int) -> None:
    """Send a blocked or dead delivery again, under the same webhook id."""
    with session_scope() as session:
        if not delivery.resend(session, delivery_id):
            raise click.ClickException("no delivery with this id is blocked or dead")
        audit_log.note(session, "cli", "delivery_resent", delivery=delivery_id)
