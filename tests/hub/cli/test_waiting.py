"""What waited for a person goes on, and that it did is written down."""

import pytest
from sqlalchemy import select

from hub.services.assessment import lifecycle
from hub.services.platforms import delivery
from models import AuditEntry


@pytest.mark.parametrize(
    ("words", "service", "verb", "action"),
    [
        ("reports release 7", lifecycle, "release_quarantined", "report_released"),
        ("deliveries resend 7", delivery, "resend", "delivery_resent"),
    ],
)
def test_it_is_done_once_and_noted(run, session, monkeypatch, words, service, verb, action):
    monkeypatch.setattr(service, verb, lambda session, number: number == 7)
    assert run(*words.split()).exit_code == 0
    assert session.scalars(select(AuditEntry.action)).all() == [action]
    assert run(*words.replace("7", "8").split()).exit_code == 1
