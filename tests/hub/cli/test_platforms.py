"""A platform is registered, and what is secret is shown once."""

from __future__ import annotations

from sqlalchemy import select, text

from hub.outbound import signing
from hub.services.platforms import keys
from models import Platform


def test_a_platform_is_registered_and_its_secrets_shown_once(run, session):
    done = run("platforms", "add", "jd", "京东", "https://jd.example/hooks")
    assert done.exit_code == 0, done.output
    secret = next(w for w in done.output.split() if w.startswith("whsec_"))
    platform = session.scalar(select(Platform))
    keeper = keys._read_access(session, "jd")
    assert keeper and keeper.platform_id == platform.id
    assert secret not in run("platforms", "list").output
    sealed = session.scalars(text("SELECT sealed FROM platform_key WHERE sealed IS NOT NULL")).all()
    assert not any(secret.encode() in bytes(s) for s in sealed)


def test_a_platforms_own_public_key_is_registered_and_revoked(run, session, tmp_path):
    run("platforms", "add", "jd", "京东", "https://jd.example/hooks")
    _, public = signing.new_keypair()
    (tmp_path / "key").write_text(public)
    register = ("platforms", "register-key", "jd", str(tmp_path / "key"))
    assert run(*register).output.strip() == public
    assert "registered already" in run(*register).output
    raw = signing.key_bytes(public, "whpk_")
    assert raw in {k.raw for k in keys._read_access(session, "jd").keys}
    assert "1 key(s)" in run("platforms", "revoke-keys", "jd", keys.REGISTERED).output
    assert raw not in {k.raw for k in keys._read_access(session, "jd").keys}
    (tmp_path / "key").write_bytes(b"\xff no key")
    done = run(*register)
    assert done.exit_code == 1 and "Traceback" not in done.output
