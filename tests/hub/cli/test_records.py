"""The audit log is proved on the command line."""

from __future__ import annotations

from sqlalchemy import text


def test_audit_verify_finds_an_altered_entry(run, session):
    run("users", "create", "lin", "handler")
    assert "1 entries hold" in run("audit", "verify").output
    session.execute(text("UPDATE audit_entry SET actor = 'nobody'"))
    session.commit()
    done = run("audit", "verify")
    assert done.exit_code == 1 and "entry 1" in done.output
