"""A platform is registered, and what is secret is shown once."""

from __future__ import annotations

from sqlalchemy import select, text

from hub.services.platforms import keys
from models import Platform


def test_a_platform_is_registered_and_its_secrets_shown_once(run, session):
    done = run("platforms", "add", "jd", "京东", "https://jd.example/hooks")
    assert done.exit_code == 0, done.output
    secret = next(w for w in done.output.split() if w.startswith("whsec_"))
    platform = session.scalar(select(Platform))
    keeper = keys._read_doorkeeper(session, "jd")
    assert keeper and keeper.platform_id == platform.id
    assert secret not in run("platforms", "list").output
    sealed = session.scalars(text("SELECT sealed FROM platform_key WHERE sealed IS NOT NULL")).all()
    assert not any(secret.encode() in bytes(s) for s in sealed)
